"""A gallery of controls as old web systems have them, one page each, and one store that tells what was sent."""
