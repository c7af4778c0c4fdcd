"""The commands, named as people type them: run.py lists them, wiring.py builds what they work with, and what is long has a file of its own."""
