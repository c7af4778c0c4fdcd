"""Compare the numbers of buildings: 3号楼, 三栋, 3# and 03 are one building, A座 and A are, 3 and 13 are two."""

from core.words import Words
from matchers.doors import comparator

COMPARATOR = comparator("building", Words("楼栋号", "building"), "号楼、栋、幢、座、#")
