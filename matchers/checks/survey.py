"""Checks of the survey's own material."""

from collections import Counter
from typing import cast

import numpy as np

from matchers.checks import Detail, Hits, check, flagged
from matchers.scene import Scene


@check("cons_no", extra=("photos",))
def photos(scene: Scene) -> list[Hits]:
    """A surveyed account without a photo, or with one that was handed in for another account too."""
    handed = cast("tuple[tuple[str, ...] | None, ...]", scene.archive.extra["photos"])
    uses = Counter(sha for photos in handed if photos for sha in set(photos))
    without = np.array([found is not None and not found for found in handed], dtype=np.bool_)
    again = np.array([bool(found) and any(uses[sha] > 1 for sha in found or ()) for found in handed], dtype=np.bool_)
    column = scene.archive.column("cons_no")
    return [
        *flagged("cons_no", column, without, Detail(params={"why": "missing"})),
        *flagged("cons_no", column, again, Detail(params={"why": "repeated"})),
    ]
