"""What the observable fields allow a learner who is told the truth; runs in .venv-bench: `ceiling_runner.py OTHER DIRECTORY LANGUAGE`.

The meaning of the figure: a gradient-boosted classifier learns P(match | how each field agrees, how rare the agreed value is) from the
true labels of OTHER (the same setting, drawn from another seed); the pairs of DIRECTORY then compete one to one, and the best
threshold is chosen by looking at the truth. Candidates are all pairs that agree in one of nine or ten keys, and every true pair besides, so
that blocking loses nothing. It is an approximation from below of the Bayes decision: better comparisons could raise it a little.
"""

import json
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

KEYS = {
    "latin": ("given,surname,postcode", "surname,dob", "given,dob", "phone", "dob,postcode", "address,given", "dob,city", "surname,address", "given,surname,city", "dob,address"),
    "chinese": ("name,dob", "name,district", "phone", "dob,district", "surname,dob,sex", "home,name", "home,quarter", "address", "dob,home"),
}  # fmt: skip
EXTRA = {
    "latin": "*",
    "chinese": "*, left(name, 1) as surname, array_to_string(regexp_extract_all(address, '\\d+'), '-') as home,"
    " regexp_extract(address, '([^省市县区旗]+?)\\d', 1) as quarter",
}  # fmt: skip
FIELDS = {
    "latin": ("given", "surname", "sex", "dob", "phone", "postcode", "city", "address"),
    "chinese": ("name", "surname", "sex", "dob", "phone", "district", "address", "home", "quarter"),
}


def features(directory: Path, language: str) -> pd.DataFrame:
    """Candidate pairs: ids, whether true, and of each field equality, likeness and the rarity of the agreed value."""
    base = duckdb.connect()
    for side in ("left", "right"):
        base.sql(f"create table {side[0]} as select {EXTRA[language]} from '{directory / side}.parquet'")
    base.sql(f"create table t as select left_id, right_id from read_csv('{directory / 'truth.csv'}')")
    blocks = " union ".join(
        f"select l.id as left_id, r.id as right_id from l join r using ({key})" for key in KEYS[language]
    )
    base.sql(f"create table c as ({blocks}) union select left_id, right_id from t")
    columns = ", ".join(_feature(field) for field in FIELDS[language])
    swaps = ", (l.given = r.surname and l.surname = r.given)::int as swapped" if language == "latin" else ""
    return base.sql(
        f"""select c.left_id, c.right_id, (t.left_id is not null)::int as true, {columns}{swaps}
        from c join l on l.id = c.left_id join r on r.id = c.right_id
        left join t on t.left_id = c.left_id and t.right_id = c.right_id
        {" ".join(_rarity(field) for field in FIELDS[language])} order by 1, 2"""
    ).df()


def _feature(field: str) -> str:
    pair = f"l.{field}, r.{field}"
    return (
        f"(l.{field} = r.{field})::int as {field}_same, jaro_winkler_similarity({pair}) as {field}_like,"
        f" damerau_levenshtein({pair}) as {field}_edits, case when l.{field} = r.{field} then n_{field}.n end as {field}_often"
    )


def _rarity(field: str) -> str:
    return f"left join (select {field} as v, count(*) as n from l group by 1) n_{field} on n_{field}.v = l.{field}"


def assigned(pairs: pd.DataFrame) -> pd.DataFrame:
    """The likeliest pair first, each record once."""
    taken: tuple[set[str], set[str]] = (set(), set())
    kept = []
    for place, left, right in pairs.sort_values("p", ascending=False, kind="stable")[
        ["left_id", "right_id"]
    ].itertuples():
        if left not in taken[0] and right not in taken[1]:
            taken[0].add(left)
            taken[1].add(right)
            kept.append(place)
    return pairs.loc[kept]


def main() -> None:
    """Print the best F1 as JSON."""
    other, directory, language = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    taught, asked = features(other, language), features(directory, language)
    names = [name for name in taught.columns if name not in {"left_id", "right_id", "true"}]
    learner = HistGradientBoostingClassifier(max_iter=300, random_state=1).fit(taught[names], taught.true)
    asked["p"] = learner.predict_proba(asked[names])[:, 1]
    kept = assigned(asked[asked.p > 0.01])
    right = kept.true.to_numpy().cumsum()
    f1 = 2 * right / (np.arange(1, len(kept) + 1) + int(asked.true.sum()))
    print(json.dumps({"ceiling_f1": float(f1.max()), "candidates": len(asked), "true": int(asked.true.sum())}))


if __name__ == "__main__":
    main()
