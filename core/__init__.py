"""Nouns, ports, errors, settings and the ledger: the floor that every room stands on."""
