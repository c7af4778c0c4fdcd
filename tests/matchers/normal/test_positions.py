"""Positions: the published offsets of the three coordinate systems, there and back, and what one taken for another looks like."""

import numpy as np
import pytest

from matchers.columns import encode
from matchers.normal import positions
from matchers.normal.positions import Positions

TANGSHAN = (np.array([118.180]), np.array([39.630]))


def test_the_offsets_in_tangshan_are_the_published_ones() -> None:
    gcj = positions.gcj02(*TANGSHAN)
    bd = positions.bd09(*gcj)
    found = [positions.metres(a[0], a[1], b[0], b[1])[0] for a, b in ((TANGSHAN, gcj), (gcj, bd), (TANGSHAN, bd))]
    assert found == pytest.approx([557, 889, 1377], abs=15)


def test_a_position_comes_back_from_every_system() -> None:
    gcj = positions.gcj02(*TANGSHAN)
    for back in (positions.from_gcj02(*gcj), positions.from_bd09(*positions.bd09(*gcj))):
        assert positions.metres(*back, *TANGSHAN)[0] < 1


def test_systems_that_are_said_are_brought_to_one() -> None:
    gcj = positions.gcj02(*TANGSHAN)
    given = Positions(
        lng=np.array([gcj[0][0], 118.18, np.nan]),
        lat=np.array([gcj[1][0], 39.63, np.nan]),
        crs=encode(["gcj02", "wgs84", None]),
    )
    lng, lat = given.wgs84()
    assert given.present().tolist() == [True, True, False]
    assert lng[:2] == pytest.approx([118.18, 118.18], abs=1e-6)
    assert lat[:2] == pytest.approx([39.63, 39.63], abs=1e-6)


def test_a_shifted_position_is_told_from_one_that_is_merely_off() -> None:
    gcj = positions.gcj02(*TANGSHAN)
    north = (TANGSHAN[0], TANGSHAN[1] + 0.005)
    assert positions.mistaken(*gcj, *TANGSHAN, 100.0).tolist() == [True]
    assert positions.mistaken(*north, *TANGSHAN, 100.0).tolist() == [False]
