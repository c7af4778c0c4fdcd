"""Find the records of two files, or of one, that mean the same person, flat or thing, with a probability that can be explained.

    found = link(left, right, spec, readings)     # Arrow tables of texts; right=None: the left file against itself
    found.pairs                                    # rows, probability, decision
    found.model, found.blocks, found.recall        # what was learned, what each key found, what the keys may have missed

Encode → choose keys → learn from a sample of candidates → score all candidates in stages → assign → decide. Everything is a
function over columns; the same input, spec and version give the same pairs.
"""

from matchers.link.engine import Linked, link
from matchers.link.labels import Labels
from matchers.link.lexicon import Lexicon
from matchers.link.spec import Field, Part, Spec, read

__all__ = ["Field", "Labels", "Lexicon", "Linked", "Part", "Spec", "link", "read"]
