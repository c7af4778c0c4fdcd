"""Hands: sources that are read and screens that are driven."""
