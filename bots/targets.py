"""Read the locators of a map: a YAML node becomes a `Target`, or a complaint with file, line, key and the choices."""

from collections.abc import Mapping

from bots.driver import MODES, NEEDED, OPTIONS, PARTS, WAYS, WIDGETS, Place, Target
from core.errors import choices
from core.settings import Node
from core.words import Words

LOCATORS = (*WAYS, "widget", "mode", "place", "parts", "options")
"""The keys of a locator."""

TYPED = ("search", "year", "month")
BOXES = ("list", "layer", "title", "picture", "chosen")
"""Parts that are typed into, and parts that are only looked at; the others are pressed."""


def target_of(node: Node, place: Place, widget: str = "readonly", shape: tuple[str, ...] = ()) -> Target:
    """The target of a mapping, or of a text, which is a label; `shape` are further keys that the caller reads.

    Raises ConfigError for a key, widget, part or option that does not exist, and where nothing says how the control is found.
    """
    if isinstance(node.raw, str):
        return Target(label=node.text(), place=place, widget=widget)
    node.only(*LOCATORS, *shape)
    ways = {way: node[way].text() for way in WAYS if node.has(way)}
    kind = _widget(node["widget"]) if node.has("widget") else widget
    if not ways and kind != "rows":  # which are told by their headers
        there = choices(WAYS)
        raise node.wrong(Words(f"没有说怎样找到控件；可用：{there}", f"no locator; there are: {there}"))
    here = node["place"].texts() if "place" in node.mapping() else place
    parts = _parts(node["parts"], kind, here) if node.has("parts") else {}
    options = _options(node["options"], kind) if node.has("options") else {}
    _complete(node, kind, {*parts, *options})
    return Target(
        label=ways.get("label", ""),
        role=ways.get("role", ""),
        name=ways.get("name", ""),
        css=ways.get("css", ""),
        xpath=ways.get("xpath", ""),
        text=ways.get("text", ""),
        widget=kind,
        mode=node["mode"].choice(*MODES) if node.has("mode") else MODES[0],
        place=here,
        parts=parts,
        options=options,
    )


def press_of(node: Node, place: Place) -> Target:
    """What is pressed, or a mark: its words, or a locator."""
    if isinstance(node.raw, str):
        return Target(place=place, text=node.text())
    return target_of(node, place)


def _widget(node: Node) -> str:
    if node.text() not in WIDGETS:
        there = choices(WIDGETS)
        raise node.wrong(
            Words(f"没有控件种类“{node.text()}”；可用：{there}", f"no widget '{node.text()}'; there are: {there}")
        )
    return node.text()


def _parts(node: Node, widget: str, place: Place) -> Mapping[str, Target]:
    node.only(*PARTS.get(widget, ("open",)))
    return {name: _part(name, part, place) for name, part in node.items()}


def _part(name: str, node: Node, place: Place) -> Target:
    if name in TYPED:
        return target_of(node, place, "auto")
    if name in BOXES and isinstance(node.raw, str):
        return Target(place=place, css=node.text())
    return press_of(node, place)


def _options(node: Node, widget: str) -> Mapping[str, str]:
    node.only(*OPTIONS.get(widget, ()))
    return {name: option.text() for name, option in node.items()}


def _complete(node: Node, widget: str, given: set[str]) -> None:
    for name in NEEDED.get(widget, ()):
        if name not in given:
            zh, en = ("参数", "option") if name in OPTIONS.get(widget, ()) else ("部件", "part")
            raise node.wrong(Words(f"{widget} 需要{zh}“{name}”", f"a {widget} needs the {en} '{name}'"))
