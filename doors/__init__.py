"""Commands that are long enough for a file of their own; run.py registers them and hands them what it builds."""
