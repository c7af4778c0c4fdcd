"""Convert between the coordinate systems that Chinese maps use, and measure how far places lie apart.

    lng, lat = gcj02(lng, lat)                  # WGS-84 → GCJ-02 (moved by 300–700 m within China)
    lng, lat = bd09(*gcj02(lng, lat))           # … → BD-09
    metres(lng, lat, other_lng, other_lat)

All arguments are degrees as arrays of one length; NaN stays NaN. The formulas are the published approximations of GCJ-02
(Krasovsky 1940 ellipsoid) and Baidu's BD-09.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matchers.columns import Coded

Degrees = npt.NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

SYSTEMS = ("wgs84", "gcj02", "bd09")

_AXIS = 6378245.0
_FLATTENING = 0.00669342162296594323
_BAIDU = np.pi * 3000.0 / 180.0
_RADIUS = 6371008.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Positions:
    """One position for each row: degrees (NaN = none), and the coordinate system where it is said (wgs84 | gcj02 | bd09)."""

    lng: Degrees
    lat: Degrees
    crs: Coded

    def present(self) -> npt.NDArray[np.bool_]:
        """Which rows have a position, and not the zero that stands for none."""
        given = np.isfinite(self.lng) & np.isfinite(self.lat)
        return np.asarray(given & ~((self.lng == 0) & (self.lat == 0)), dtype=np.bool_)

    def wgs84(self) -> Pair:
        """All positions in WGS-84, as far as their system is said; the others as they stand."""
        lng, lat = self.lng.copy(), self.lat.copy()
        for system, back in (("gcj02", from_gcj02), ("bd09", from_bd09)):
            rows = self.crs.isin((system,)) & self.present()
            lng[rows], lat[rows] = back(lng[rows], lat[rows])
        return lng, lat


def gcj02(lng: Degrees, lat: Degrees) -> Pair:
    """WGS-84 to GCJ-02."""
    x, y = lng - 105.0, lat - 35.0
    angle = np.radians(lat)
    magic = 1 - _FLATTENING * np.sin(angle) ** 2
    north = _north(x, y) * 180.0 / ((_AXIS * (1 - _FLATTENING)) / (magic * np.sqrt(magic)) * np.pi)
    east = _east(x, y) * 180.0 / (_AXIS / np.sqrt(magic) * np.cos(angle) * np.pi)
    return lng + east, lat + north


def bd09(lng: Degrees, lat: Degrees) -> Pair:
    """GCJ-02 to BD-09."""
    far = np.hypot(lng, lat) + 0.00002 * np.sin(lat * _BAIDU)
    angle = np.arctan2(lat, lng) + 0.000003 * np.cos(lng * _BAIDU)
    return far * np.cos(angle) + 0.0065, far * np.sin(angle) + 0.006


def from_gcj02(lng: Degrees, lat: Degrees) -> Pair:
    """GCJ-02 to WGS-84, by fixed-point steps (to better than a centimetre)."""
    east, north = lng, lat
    for _ in range(4):
        moved_lng, moved_lat = gcj02(east, north)
        east, north = east + lng - moved_lng, north + lat - moved_lat
    return east, north


def from_bd09(lng: Degrees, lat: Degrees) -> Pair:
    """BD-09 to WGS-84."""
    x, y = lng - 0.0065, lat - 0.006
    far = np.hypot(x, y) - 0.00002 * np.sin(y * _BAIDU)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * _BAIDU)
    return from_gcj02(far * np.cos(angle), far * np.sin(angle))


def metres(lng: Degrees, lat: Degrees, other_lng: Degrees, other_lat: Degrees) -> Degrees:
    """The distance of each pair of places on the sphere, in metres (haversine)."""
    one, two = np.radians(lat), np.radians(other_lat)
    half = np.sin((two - one) / 2) ** 2 + np.cos(one) * np.cos(two) * np.sin(np.radians(other_lng - lng) / 2) ** 2
    return np.asarray(2 * _RADIUS * np.arcsin(np.sqrt(half)), dtype=np.float64)


def mistaken(lng: Degrees, lat: Degrees, true_lng: Degrees, true_lat: Degrees, within: float) -> npt.NDArray[np.bool_]:
    """Which places lie, to `within` metres, where their true place would lie if one system were taken for another.

    Tangshan: GCJ-02 for WGS-84 557 m, BD-09 for GCJ-02 889 m, BD-09 for WGS-84 1,377 m.
    """
    shifted = gcj02(true_lng, true_lat)
    candidates = (shifted, bd09(*shifted), from_gcj02(true_lng, true_lat), from_bd09(true_lng, true_lat))
    near = [metres(lng, lat, *candidate) <= within for candidate in candidates]
    return np.asarray(np.logical_or.reduce(near), dtype=np.bool_)


def _north(x: Degrees, y: Degrees) -> Degrees:
    found = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    found = found + _waves(x, 6.0, 2.0, 20.0)
    found = found + (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    found = found + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    return np.asarray(found, dtype=np.float64)


def _east(x: Degrees, y: Degrees) -> Degrees:
    found = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    found = found + _waves(x, 6.0, 2.0, 20.0)
    found = found + (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    found = found + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    return np.asarray(found, dtype=np.float64)


def _waves(x: Degrees, fast: float, slow: float, height: float) -> Degrees:
    waves = height * np.sin(fast * x * np.pi) + height * np.sin(slow * x * np.pi)
    return np.asarray(waves * 2.0 / 3.0, dtype=np.float64)
