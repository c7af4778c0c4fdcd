"""Compare the numbers of rooms: 501, 五零一, 0501室 and 5层01 are one room, 501 and 502 are two, 东户 and 501 are not comparable."""

from core.words import Words
from matchers.doors import comparator

COMPARATOR = comparator("room", Words("房号", "room"), "室、号、户")
