"""The practice world: systems that other people built, with a truth that only the oracle knows."""
