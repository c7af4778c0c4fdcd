"""Judgement: pure functions over values and columns."""
