"""The way to a record, step by step: open an address, type, press, and press in the one row that names the record.

    way = Way(steps=(opens("/people/"), types(box), presses(button), row(column, link)), none=nothing)
    walk(driver, way, key="1001", end=form, base="http://…")     # True: `end` is there; False: the system knows no such record

Every step ends when what the next one needs is there. `{key}` in a step's words stands for the record's key.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from bots.driver import WAYS, Driver, Target
from core.errors import ApplicationError, BusinessError
from core.words import Words

KEY = "{key}"
NOWHERE = Target()
STEPS = ("open", "type", "press", "row")
PAGES = 20
"""How many pages of a list are looked at, where its map says nothing else."""
LOOKS, PAUSE = (
    5,
    0.2,
)  # how often, and seconds apart, a list that fills itself is looked at before a record counts as absent
ROUTED = frozenset("/=!?")  # in what stands behind `#`: more than the name of a place on the page
CHANGED = Words("翻看列表时它变了", "the list has changed while its pages were looked at")
_UNSAFE = re.compile(r"""["'\\\]\[(){}<>]""")  # what could end a quoted word in a CSS or XPath locator


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step; `do` is one of STEPS."""

    do: str
    target: Target = NOWHERE  # type: the control; press: what is pressed; row: the table, and what is pressed in the row
    text: str = ""  # open: an address; type: what is typed
    through: tuple[Target, ...] = ()  # press: what is pressed first while the target is hidden
    wait: Target | None = None  # what shows that the step has ended; None: what the next step needs
    next: Target | None = None  # row: what turns the page of a list that goes on
    pages: int = 1  # row: how many pages of it are looked at

    @property
    def goals(self) -> tuple[Target, ...]:
        """What must be there, one or the other, before this step can begin: a target that a menu hides has its menu for a sign."""
        if self.do == "row":
            return (replace(self.target, css="", text="", name="", label=""),)
        return (self.target, *self.through[:1])

    @property
    def names(self) -> bool:
        """Whether the step says which record is meant."""
        words = (self.text, *(getattr(self.target, way) for way in WAYS))
        return self.do == "row" or any(KEY in part for part in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The steps to a record, and the mark that there is none."""

    steps: tuple[Step, ...] = ()
    none: Target | None = None
    patient: bool = False  # lists may fill themselves after their page has come
    strict: bool = False  # records may be made: only the mark, and it alone, says that there is none


def walk(driver: Driver, way: Way, key: str, end: Target, base: str, paged: Callable[[], None] = lambda: None) -> bool:
    """Walk to `end`; False when the system shows that it knows no such record.

    Addresses are relative to `base`; `paged` is called when a list shows what turns its pages. Raises BusinessError (`ambiguous`) when several rows name the record, ApplicationError
    when a step does not end, or (`pager`) when a list has not got the record and never showed what turns its pages.
    """
    entries: list[tuple[Target, str]] = []
    none = _filled_target(way.none, key) if way.none else None
    if none and way.strict:
        none = replace(none, settled=True)
    asked = False  # from the step that names the record on, the answer may be that there is none
    for index, step in enumerate(_filled(step, key) for step in way.steps):
        asked = asked or way.steps[index].names
        goals = [step.wait] if step.wait else _goals(way.steps[index + 1 :], key, end)
        absent = [none] if none and asked else []
        marks = [*absent, *goals] if way.strict else [*goals, *absent]
        match step.do:
            case "type":
                entries.append((step.target, step.text))
                continue
            case "open":
                hit = _open(driver, urljoin(base, step.text), marks, KEY in way.steps[index].text and not way.strict)
            case "press":
                hit = driver.follow(step.target, marks, entries=entries, through=step.through)
                entries = []
            case _:
                before = replace(way, steps=way.steps[:index])
                again = partial(walk, driver, before, key, step.goals[0], base)
                found = _row(driver, step, key, way, none, again, paged)
                hit = driver.follow(replace(step.target, row=found, cell=key), marks) if found is not None else None
        if way.strict and hit is not None and marks[hit] is none:
            time.sleep(LOOKS * PAUSE)  # a list that fills itself may say at first that it is empty
            hit = driver.arrive(marks)
        if hit is None or marks[hit] is none:
            return False
    return True


def _open(driver: Driver, address: str, marks: Sequence[Target], names_record: bool) -> int | None:
    """Go to the address, and which mark stands there; None: one that names the record and answers `not found`, or leads elsewhere, says that there is none."""
    try:
        driver.visit(address)
        return driver.arrive(marks)
    except ApplicationError as error:
        missing = error.code == "http" and "404" in str(error)
        astray = error.code == "timeout" and not same(driver.address(), address, asked=True)
        if names_record and (missing or astray):
            return None
        raise


def address(template: str, key: str, base: str) -> str:
    """The address of a record."""
    return urljoin(base, template.replace(KEY, quote(key, safe="")))


def same(one: str, other: str, *, asked: bool = False) -> bool:
    """Whether an address is the other one's page, however they are quoted.

    What stands behind `#` counts where the other has it, or where it looks like the address of a page that scripts make; with
    `asked` only the former: a page may put an address of its own behind the one that was asked for.
    """
    a, b = urlsplit(one), urlsplit(other)
    routed = bool(b.fragment) or (not asked and bool(ROUTED & set(a.fragment)))
    return _parts(a, routed=routed) == _parts(b, routed=routed)


def _parts(url: SplitResult, *, routed: bool) -> tuple[str, ...]:
    parts = (url.netloc, url.path.rstrip("/"), url.query, url.fragment if routed else "")
    return tuple(unquote(part).rstrip("/") for part in parts)


def _row(
    driver: Driver,
    step: Step,
    key: str,
    way: Way,
    none: Target | None,
    again: Callable[[], bool],
    paged: Callable[[], None],
) -> int | None:
    """The one row of the list that names the record, on the page that shows now; None where no page has it. `again` walks to the first page.

    Raises BusinessError: `ambiguous` where several rows name it, `unlisted` where nobody can say that there is none, `goes_on` where the list has
    more pages than are looked at. Raises ApplicationError (`pager`) where no page has it and nothing that turns them was ever to be seen: a list of
    one page may have no such thing, and a map may name it wrongly, and only the mark `none` tells the one from the other.
    """
    hits, at, turns = _hits(driver, step, key, way)
    if turns:
        paged()
    if len(hits) > 1:
        raise BusinessError(
            Words(f"有 {len(hits)} 条记录正好是这个主键", f"{len(hits)} objects have exactly this number"),
            code="ambiguous",
        )
    if step.next and not (turns or hits or (none and driver.arrive([none, *step.goals]) == 0)):
        raise ApplicationError(
            Words(
                f"列表里没有它，翻页的 {step.next.words} 也没有见到",
                f"the list has no such row, and {step.next.words}, which turns its pages, is nowhere on it",
            ),
            code="pager",
        )
    if not hits and way.strict:
        raise BusinessError(
            Words("列表里是别的记录，它可能在另一页", "the list shows others, and may go on elsewhere"), code="unlisted"
        )
    if not hits:
        return None
    ((page, row),) = hits
    if page == at:
        return row
    if not again() or not all(_turn(driver, step) for _ in range(page)):
        raise ApplicationError(CHANGED, code="timeout")
    there = _patiently(driver, step, key, way)
    if len(there) != 1:
        raise ApplicationError(CHANGED, code="timeout")
    return there[0]


def _hits(driver: Driver, step: Step, key: str, way: Way) -> tuple[list[tuple[int, int]], int, bool]:
    """Page and row of all that name the record, the last page, and whether what turns the pages was to be seen."""
    hits, at = [(0, row) for row in _patiently(driver, step, key, way)], 0
    turned = first = _turn(driver, step) if step.next else None
    while turned:
        at += 1
        if at == step.pages:
            raise BusinessError(
                Words(f"列表看过 {step.pages} 页还没完", f"the list goes on after {step.pages} pages"), code="goes_on"
            )
        hits += [(at, row) for row in _rows(driver, step, key)]
        turned = _turn(driver, step)
    return hits, at, first is not None


def _turn(driver: Driver, step: Step) -> bool | None:
    """Go to the next page of a list; False on the last one, which stays as it is; None where nothing that turns it is to be seen."""
    assert step.next is not None
    return driver.turn(step.next, step.goals[0])


def _patiently(driver: Driver, step: Step, key: str, way: Way) -> list[int]:
    found = _rows(driver, step, key)
    for _ in range(LOOKS if way.patient else 0):
        if found:
            break
        time.sleep(PAUSE)
        found = _rows(driver, step, key)
    return found


def _rows(driver: Driver, step: Step, key: str) -> list[int]:
    return [index for index, (number, *_) in enumerate(driver.table(step.goals[0])) if number == key]


def _goals(rest: Sequence[Step], key: str, end: Target) -> list[Target]:
    return list(_filled(rest[0], key).goals) if rest else [end]


def _filled(step: Step, key: str) -> Step:
    """The step for one record. Raises BusinessError for a key that would change the meaning of a locator."""
    return replace(
        step,
        target=_filled_target(step.target, key),
        text=step.text.replace(KEY, quote(key, safe="") if step.do == "open" else key),
        through=tuple(_filled_target(one, key) for one in step.through),
        wait=_filled_target(step.wait, key) if step.wait else None,
        next=_filled_target(step.next, key) if step.next else None,
    )


def _filled_target(target: Target, key: str) -> Target:
    said = {way: words for way in WAYS if KEY in (words := getattr(target, way))}
    if not said:
        return target
    if {"css", "xpath"} & set(said) and _UNSAFE.search(key):
        raise BusinessError(
            Words("主键含有定位不了的字符", "the key has characters that a locator cannot hold"), code="key"
        )
    return replace(target, alias=target.words, **{way: words.replace(KEY, key) for way, words in said.items()})
