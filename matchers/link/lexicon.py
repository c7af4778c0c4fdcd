"""What is known of a language beside the data: how characters are read, and the parts of an address, each text read once a run."""

from collections.abc import Mapping

from core.reference import Reference
from matchers.normal import addresses
from matchers.normal.addresses import Address


class Lexicon(dict[str, str]):
    """Character → its usual syllable without tone; beside it the reference data that addresses are read with."""

    def __init__(self, reference: Reference) -> None:
        readings = {character: min(syllables) for character, syllables in reference.readings.items()}
        folded = {chr(code): readings[key] for code, key in reference.variants.items() if key in readings}
        super().__init__(folded | readings)  # 張 is read as 张 is
        self.reference = reference
        self._read: dict[str, Address] = {}

    def address(self, text: str) -> Address:
        """The parts of an address."""
        found = self._read.get(text)
        if found is None:
            found = self._read[text] = addresses.read(text, self.reference)
        return found


def known(readings: Mapping[str, str]) -> Lexicon:
    """The lexicon that was given. Raises TypeError where only readings were: addresses cannot be read by parts then."""
    if not isinstance(readings, Lexicon):
        raise TypeError("kind 'flat' needs a Lexicon")
    return readings
