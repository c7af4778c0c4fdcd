"""What a list of linked pairs is worth beside the truth, and whether its claimed probabilities can be trusted."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

BINS = (0.0, 0.5, 0.8, 0.95, 0.98, 0.995, 0.9985, 1.0)
CLAIMS = (0.9, 0.99, 0.999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """0 where nothing was found."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def worth(pairs: pd.DataFrame, truth: pd.DataFrame) -> Worth:
    """Pairs and truth have left_id and right_id; a pair counts once."""
    found = pairs[["left_id", "right_id"]].drop_duplicates()
    right = len(found.merge(truth[["left_id", "right_id"]], on=["left_id", "right_id"]))
    return Worth(precision=right / len(found) if len(found) else 0.0, recall=right / len(truth) if len(truth) else 0.0)


def unordered(pairs: pd.DataFrame) -> pd.DataFrame:
    """The same pairs, the smaller id first: of one file, either may stand left."""
    sides = np.sort(pairs[["left_id", "right_id"]].astype(str).to_numpy(), axis=1)
    return pd.DataFrame(sides, columns=["left_id", "right_id"])


def calibration(pairs: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """For bins of the claimed probability: pairs, mean claim, and the share that is true."""
    known = pairs.merge(truth[["left_id", "right_id"]].assign(true=1.0), on=["left_id", "right_id"], how="left")
    known["true"] = known.true.fillna(0.0)
    bins = known.groupby(pd.cut(known.probability, list(BINS), include_lowest=True), observed=True)
    return bins.agg(pairs=("true", "size"), claimed=("probability", "mean"), real=("true", "mean")).reset_index()


def claims(pairs: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Where the mean claim of all pairs above a threshold is 0.9, 0.99, 0.999: how many they are and how many are true.

    A set of pairs taken from the likeliest down claims the mean of their probabilities as its precision. Where even all
    pairs together claim more than asked, the row has all of them and the column `claimed` says what they claim.
    """
    known = pairs.merge(truth[["left_id", "right_id"]].assign(true=1.0), on=["left_id", "right_id"], how="left")
    known = known.sort_values("probability", ascending=False, kind="stable")
    claimed = known.probability.to_numpy().cumsum() / np.arange(1, len(known) + 1)
    real = known.true.fillna(0.0).to_numpy().cumsum() / np.arange(1, len(known) + 1)
    rows = []
    for claim in CLAIMS:
        last = int(np.searchsorted(-claimed, -claim, side="right")) - 1
        if last >= 0:
            rows.append({"asked": claim, "pairs": last + 1, "claimed": claimed[last], "real": real[last]})
    return pd.DataFrame(rows, columns=["asked", "pairs", "claimed", "real"])


def read(path: Path) -> pd.DataFrame:
    """A csv or parquet file of texts and probabilities."""
    return (
        pd.read_csv(path, dtype={"left_id": str, "right_id": str}) if path.suffix == ".csv" else pd.read_parquet(path)
    )
