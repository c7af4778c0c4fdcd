"""The order of the work: the steps of a night."""
