"""Clusters are written and judged without more pairs than there is room for."""

import numpy as np

from matchers.link import judge

CLUSTERS = np.asarray([0, 0, 2, 2, 2, 5, 5, 5, 5, 5, 2, 11], dtype=np.int32)  # sizes 2, 4, 5, 1: 1 + 6 + 10 pairs


def _written(whole: int | None) -> list[tuple[int, int]]:
    return sorted(zip(*(side.tolist() for side in judge.within(CLUSTERS, whole)), strict=True))


def test_where_all_pairs_have_room_all_are_written() -> None:
    assert judge.whole(CLUSTERS, 17) == 5
    assert _written(5) == _written(None)
    assert len(_written(None)) == 17


def test_the_largest_clusters_are_written_with_their_first_record_only() -> None:
    assert judge.whole(CLUSTERS, 16) == 4
    first = [(5, 6), (5, 7), (5, 8), (5, 9)]
    assert _written(4) == sorted([pair for pair in _written(None) if pair[0] < 5] + first)
    assert judge.whole(CLUSTERS, 3) == 2
    assert _written(2) == sorted([(0, 1), (2, 3), (2, 4), (2, 10), *first])
