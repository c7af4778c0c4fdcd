"""What is known of a language beside the data: how characters are read, and the parts of an address, each text read once a run."""

from core.reference import Reference
from matchers.likeness import Readings
from matchers.normal import addresses
from matchers.normal.addresses import Address


class Lexicon(dict[str, frozenset[str]]):
    """Character → its syllables without tone; beside it the reference data that addresses are read with."""

    def __init__(self, reference: Reference) -> None:
        readings = reference.readings
        folded = {chr(code): readings[key] for code, key in reference.variants.items() if key in readings}
        super().__init__({**readings, **folded})  # 張 is read as 张 is
        self.reference = reference
        self._read: dict[str, Address] = {}

    def address(self, text: str) -> Address:
        """The parts of an address."""
        found = self._read.get(text)
        if found is None:
            found = self._read[text] = addresses.read(text, self.reference)
        return found


def known(readings: Readings) -> Lexicon:
    """The lexicon that was given. Raises TypeError where only readings were: addresses cannot be read by parts then."""
    if not isinstance(readings, Lexicon):
        raise TypeError("kind 'flat' needs a Lexicon")
    return readings
