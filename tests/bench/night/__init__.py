"""A night of twenty thousand accounts, rehearsed in minutes: the browser's hand is replaced, everything else is as on a site."""
