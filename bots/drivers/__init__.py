"""Hands for one kind of screen each; the file's name is the name that a system map gives to `driver`."""
