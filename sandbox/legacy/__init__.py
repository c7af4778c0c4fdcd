"""The old marketing system: a frameset of GBK pages over the legacy database, with the quirks of its time."""
