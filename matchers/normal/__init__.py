"""One spelling for match keys: every module turns one text as it was written into a frozen value that keeps the original."""
