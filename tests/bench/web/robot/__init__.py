"""Robot Framework Browser beside our web hand, on the same pages."""
