"""What a vendor's update does to a screen: named mutations, each a small change of what the practice system serves.

A mutation changes the skin (then the system means it: what is shown and what is stored agree) or only the page.
`catalogue.cases` lists all of them for the account screen of a skin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.skins import Skin

SkinChange = Callable[[Skin], Skin]
PageChange = Callable[[str], str]


def _skin(skin: Skin) -> Skin:
    return skin


def _page(page: str) -> str:
    return page


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One change of one page."""

    kind: str
    columns: tuple[str, ...] = ()  # the columns whose fields it is about; none: the page as a whole
    detail: str = ""  # tells mutations of one kind and column apart
    template: str = "basic.html"
    skin: SkinChange = _skin
    page: PageChange = _page

    @property
    def name(self) -> str:
        """Kind, columns and detail, for a test's id."""
        return "-".join(filter(None, (self.kind, *self.columns, self.detail)))
