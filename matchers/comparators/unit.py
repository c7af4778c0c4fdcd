"""Compare the numbers of units: 2单元, 二单元, 2门 and 02 are one unit, 东单元 and 2单元 are not comparable."""

from core.words import Words
from matchers.doors import comparator

COMPARATOR = comparator("unit", Words("单元号", "unit"), "单元、门、梯")
