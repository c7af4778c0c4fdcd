"""Two files of people that share no key, with the truth beside them: how well, how fast and how small they are linked, next to Splink."""
