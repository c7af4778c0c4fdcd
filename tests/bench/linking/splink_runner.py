"""Link two files with Splink as its documentation recommends; runs in .venv-bench: `splink_runner.py LEFT RIGHT LANGUAGE narrow|wide PAIRS`.

Writes left_id, right_id and the probability of every link after its own one-to-one clustering at 0.5.
"""

import logging
import sys
import tempfile

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

MATCH = 0.5
PAIRS = 1e6  # random pairs for u
SEED = 1
NARROW = {
    "latin": [("given", "surname", "postcode"), ("surname", "dob"), ("given", "dob"), ("phone",), ("dob", "postcode"), ("address", "given")],
    "chinese": [("name", "dob"), ("name", "district"), ("phone",), ("dob", "district"), ("surname", "dob", "sex"), ("home", "name")],
}  # fmt: skip
WIDE = {
    "latin": [*NARROW["latin"], ("given", "surname"), ("dob", "city")],
    "chinese": [*NARROW["chinese"], ("home", "district"), ("name", "sex")],
}
COLUMNS = {
    "latin": "*",
    # the surname and the numbers of building, unit and room are what a user would cut out; the rest of the address is its quarter
    "chinese": "*, left(name, 1) as surname, array_to_string(regexp_extract_all(address, '\\d+'), '-') as home,"
    " regexp_extract(address, '([^省市县区旗]+?)\\d', 1) as quarter",
}  # fmt: skip


def name_of_two_or_three(column: str) -> cl.CustomComparison:
    """Edit levels by characters: DuckDB's own string distances count bytes, which is wrong for Chinese."""
    same = " + ".join(f"(substr({column}_l, {place}, 1) = substr({column}_r, {place}, 1))::int" for place in (1, 2, 3))
    length = f"length({column}_l) = length({column}_r)"
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            cll.CustomLevel(f"{length} and {same} = 2 and length({column}_l) = 3", "one of three characters differs"),
            cll.CustomLevel(f"{length} and length({column}_l) = 2 and left({column}_l, 1) = left({column}_r, 1)", "one of two differs"),
            cll.CustomLevel(
                f"not ({length}) and left({column}_l, 1) = left({column}_r, 1) and"
                f" (contains({column}_l, right({column}_r, 1)) or contains({column}_r, right({column}_l, 1)))",
                "a character left out",
            ),
            cll.CustomLevel(f"left({column}_l, 1) = left({column}_r, 1)", "the surname alone"),
            cll.ElseLevel(),
        ],
    )  # fmt: skip


def comparisons(language: str) -> list[object]:
    """What is compared, and in which levels."""
    shared = [
        cl.DateOfBirthComparison("dob", input_is_string=True, datetime_thresholds=[1, 1, 10], datetime_metrics=["month", "year", "year"]),
        cl.DamerauLevenshteinAtThresholds("phone", [1, 2]),
        cl.ExactMatch("sex"),
    ]  # fmt: skip
    if language == "chinese":
        return [
            name_of_two_or_three("name"), *shared, cl.ExactMatch("district").configure(term_frequency_adjustments=True),
            cl.CustomComparison(
                output_column_name="home",
                comparison_levels=[
                    cll.CustomLevel("address_l is null or address_r is null", "null").configure(is_null_level=True),
                    cll.ExactMatchLevel("address"),
                    cll.CustomLevel("home_l = home_r and quarter_l = quarter_r", "the same flat, written otherwise"),
                    cll.CustomLevel("home_l = home_r", "the same numbers"),
                    cll.CustomLevel("quarter_l = quarter_r", "the same quarter"),
                    cll.ElseLevel(),
                ],
            ),
        ]  # fmt: skip
    return [
        cl.ForenameSurnameComparison("given", "surname", jaro_winkler_thresholds=[0.92, 0.88, 0.7], forename_surname_concat_col_name="full_name"),
        *shared,
        cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("city", [0.9]),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.88]),
    ]  # fmt: skip


def linked(left: str, right: str, language: str, blocks: dict[str, list[tuple[str, ...]]], out: str) -> None:
    """Train, predict, cluster one to one, write."""
    database = duckdb.connect()
    database.execute(f"set temp_directory = '{tempfile.mkdtemp()}'")
    api = DuckDBAPI(database)
    more = COLUMNS[language] + (", given || ' ' || surname as full_name" if language == "latin" else "")
    tables = [
        api.register(database.sql(f"select {more} from '{path}'"), dataset_display_name=name)
        for name, path in (("a", left), ("b", right))
    ]
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        comparisons=comparisons(language),
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in blocks[language]],
        retain_matching_columns=False,
    )
    linker = Linker(tables, settings, log_level=logging.ERROR)
    trained(linker, language)
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    clustered = linker.clustering.cluster_using_single_best_links(
        predicted, duplicate_free_datasets=["a", "b"], threshold_match_probability=MATCH
    )
    database.sql(
        f"""copy (select l.id as left_id, r.id as right_id, p.match_probability as probability
        from {clustered.physical_name} l join {clustered.physical_name} r
          on l.cluster_id = r.cluster_id and l.source_dataset = 'a' and r.source_dataset = 'b'
        left join {predicted.physical_name} p on p.id_l = l.id and p.id_r = r.id) to '{out}' (format parquet)"""
    )


def trained(linker: Linker, language: str) -> None:
    """λ from sure rules, u from random pairs, m by EM under rules that share no column; each rule is narrow enough for EM to be quick."""
    sure = (
        (["given", "surname", "dob"], ["phone", "dob"]) if language == "latin" else (["name", "dob"], ["phone", "dob"])
    )
    linker.training.estimate_probability_two_random_records_match([block_on(*rule) for rule in sure], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=SEED)
    latin, chinese = (
        (["given", "surname"], ["dob", "postcode"], ["phone"]),
        (["name", "district"], ["dob", "home"], ["phone"]),
    )
    rules = latin if language == "latin" else chinese
    for rule in rules:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))


if __name__ == "__main__":
    linked(sys.argv[1], sys.argv[2], sys.argv[3], {"narrow": NARROW, "wide": WIDE}[sys.argv[4]], sys.argv[5])
