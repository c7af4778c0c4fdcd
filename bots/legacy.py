"""The legacy system as the flows see it: walk its mapped screens, read what they show, type what is asked.

menu ──▶ search by number ──▶ the one exact row ──▶ record (its own number must be the one asked for) ──▶ read
                                                      └──▶ type ──▶ controls hold it? ──▶ save ──▶ confirm ──▶ banner

It holds no guard and decides nothing. What fails while reading is an ApplicationError; what fails while typing is an
OutcomeUnknown with the same code; what the system itself refuses is a BusinessError. No message carries a value.
"""

import hashlib
import importlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from loguru import logger

from bots import screens
from bots.door import ENDED, OVER, Door, Handover, Login, pass_through
from bots.driver import Driver, Heard, Shown, Target
from bots.fields import FORMS, Field, is_day
from bots.hands import Person
from bots.kept import Papers
from bots.rest import Rest
from bots.screens import Orders, Save, Screen, System
from bots.walk import Way, address, same, walk
from core.errors import ApplicationError, BusinessError, ConfigError, MissingPart, OutcomeUnknown, SessionOver, choices
from core.model import Change, Image, Operation, Order, Problem, Receipt
from core.settings import Config
from core.words import Words

NOWHERE = "about:blank"
DRIVERS = Path(__file__).parent / "drivers"


def connect(
    config: Config,
    url: str,
    login: Login,
    *,
    headless: bool = True,
    samples: Mapping[str, Sequence[str]] | None = None,
    papers: Papers | None = None,
) -> "Legacy":
    """The legacy system at `url`, by its maps in config/; nothing is started before it is first used.

    `samples`: screen → numbers of records that the preflight may open; the first that opens is looked at. Raises ConfigError when a map is wrong.
    """
    system, maps = screens.load(config)
    return hand(system, maps, url, login, headless=headless, samples=samples, papers=papers)


def hand(
    system: System,
    maps: Mapping[str, Screen],
    url: str,
    login: Login | None,
    *,
    headless: bool = True,
    samples: Mapping[str, Sequence[str]] | None = None,
    person: Person | None = None,
    papers: Papers | None = None,
) -> "Legacy":
    """A hand on the system at `url` by maps that were read already; `login` may be None where nobody logs in.

    `person` reads the picture that a login may show; without one such a login is an ApplicationError (`captcha`).

    Raises ConfigError when there is no such driver.
    """
    driver = drive(system, url, headless=headless, person=person, papers=papers)
    address = url if urlsplit(url).path.strip("/") else url.rstrip("/") + system.start
    return Legacy(system=system, maps=maps, driver=driver, address=address, login=login, samples=samples or {})


def drive(
    system: System, url: str, *, headless: bool = True, person: Person | None = None, papers: Papers | None = None
) -> Driver:
    """The driver that a system asks for. Raises ConfigError when there is no such driver."""
    known = sorted(path.stem for path in DRIVERS.glob("*.py") if path.stem != "__init__")
    if system.driver not in known:
        there = choices(known)
        raise ConfigError(
            Words(
                f"没有驱动“{system.driver}”；现有：{there}", f"driver: no driver '{system.driver}'; there are: {there}"
            )
        )
    start = importlib.import_module(f"bots.drivers.{system.driver}").start
    driver: Driver = start(screens.shown_to(system, url), headless=headless, person=person, papers=papers)
    return driver


class Legacy:
    """One login's walk through the screens: a `core.ports.LegacySystem`."""

    def __init__(
        self,
        *,
        system: System,
        maps: Mapping[str, Screen],
        driver: Driver,
        address: str,
        login: Login | None,
        samples: Mapping[str, Sequence[str]],
    ) -> None:
        self._system, self._maps, self._driver = system, maps, driver
        self._address, self._login, self._samples = address, login, samples
        self._inside = False  # a walk that failed leaves nothing to build on: the next one logs in anew
        self._seen: dict[tuple[str, str], Shown] = {}  # how each field's control stood when it was last read
        self._days: set[tuple[str, str]] = set()  # fields that were seen to show days
        self._before: dict[tuple[str, str], Image] = {}  # what each record showed when it was last read
        self._rest: defaultdict[str, Rest] = defaultdict(Rest)
        self._at = ("", "")  # the record that was opened last, and where it has its page
        self._there: dict[tuple[str, str], bool] = {}  # whether the record was there when it was last looked for
        self._drift: dict[tuple[str, str], Problem] = {}
        self._paged: set[str] = set()  # screens whose list has shown what turns its pages
        self.draw = False  # whether the preflight draws what it finds
        self.pictures: dict[str, bytes] = {}  # screen → what it drew (PNG, values blurred)

    # -- what the maps say

    def screens(self, kind: str) -> Sequence[str]:
        """See `LegacySystem`."""
        return [name for name, screen in self._maps.items() if screen.kind == kind]

    def refuse(self, screen: str, field: str, value: str) -> str | None:
        """Why the target field cannot hold the value: no_field, readonly, code, format, charset, length or empty."""
        on = self._map(screen)
        if field not in on.fields:
            return "no_field"
        if on.workflow and not value:
            return "empty"  # what is left empty stays unchanged, so emptiness cannot be asked for
        known = on.fields[field]
        return known.refuse(value, self._system.encoding) or self._spelt(screen, known, value)[1] or None

    def spelt(self, screen: str, field: str, text: str) -> str:
        """See `LegacySystem`. Codes of the BusinessError: code, crossed, tick, day, format, charset, length."""
        known = self._map(screen).fields[field]
        value, reason = self._spelt(screen, known, text)
        if reason:
            shown = self._seen.get((screen, field), Shown(count=0))
            hint = known.hint(reason, text, shown, self._system.encoding)
            raise BusinessError(f"{screen}: {field} cannot hold the value", code=reason, hint=hint)
        return value

    def _spelt(self, screen: str, field: Field, text: str) -> tuple[str, str]:
        place = (screen, field.id)
        return field.meant(text, self._seen.get(place, Shown(count=0)), days=place in self._days)

    def drift(self) -> Sequence[Problem]:
        """See `LegacySystem`."""
        return tuple(self._drift.values())

    def quiet(self, screen: str) -> float:
        """See `LegacySystem`."""
        return self._map(screen).quiet

    def derived(self, screen: str) -> frozenset[str]:
        """See `LegacySystem`."""
        return self._map(screen).derived

    # -- reading

    def read(self, screen: str, key: str) -> Image:
        """See `LegacySystem`.

        Codes of a BusinessError: no_such_object, ambiguous. Of an ApplicationError: wrong_record, or one of `bots.driver`.
        """
        on = self._map(screen)
        with self._walking(on):
            found = self._there[screen, key] = self._sought(on, key)
            if found:
                image = self._image(on, key)
                self._before = {(screen, key): image}
                return image
            if on.create is None:
                raise BusinessError(f"{on.name}: there is no such object", code="no_such_object")
            return Image(screen=on.name, key=key)

    def fetch(self, screen: str, key: str) -> Image:
        """See `LegacySystem`: a search of its own, through the menu, whatever page is open."""
        return self.read(screen, key)

    def restless(self, screen: str, key: str) -> frozenset[str]:
        """See `LegacySystem`; only pages of maps that stand alone are known to fill themselves."""
        on = self._map(screen)
        if on.way.patient:
            with self._walking(on):
                if self._sought(on, key):
                    self._image(on, key, watch=True)
        return frozenset(self._rest[screen].fields)

    def glances(self, screen: str) -> str:
        """See `LegacySystem`: a hash of the map, the system's and its address, and of who works there; every process reckons the same."""
        on = self._map(screen)
        who = self._login.user if self._login else ""
        told = repr((on, self._system, self._address, who)).encode()
        return hashlib.sha256(told).hexdigest() if on.fetch else ""

    def glance(self, screen: str, key: str) -> Image | None:
        """See `LegacySystem`; the page's scripts do not run."""
        on = self._map(screen)
        if on.fetch is None or not self._inside:
            return None
        where = address(on.fetch.open, key.removeprefix(on.scope), self._address)
        numbers = [number for number in on.numbers if number.place == on.place]
        fields = _read(on)
        try:
            shown = self._driver.glance(where, on.place, [*numbers, *(f.show for f in fields)])
            said = [_one(on, n, s).value.strip() for n, s in zip(numbers, shown, strict=False)]
            if set(said) != {key.removeprefix(on.scope)}:
                return None
            return _told(on, key, fields, shown[len(numbers) :])
        except ApplicationError as error:
            logger.debug("{}: not fetched: {}", on.name, error)
            return None

    def orders(self, screen: str, key: str) -> Sequence[Order]:
        """See `LegacySystem`; in the order of the screen."""
        on = self._map(screen)
        if on.orders is None:
            return ()
        with self._walking(on):
            number = key.removeprefix(on.scope)
            if not self._walk(on, on.orders.way, number, on.orders.mark):
                return ()
            rows = [row for row in self._driver.table(on.orders.mark) if row[1] == number]
            return [_order(on, on.orders, row) for row in rows]

    # -- typing

    def enter(
        self, screen: str, key: str, operation: Operation, changes: Sequence[Change], row: Mapping[str, str]
    ) -> Receipt:
        """See `LegacySystem`; ADD types `row` and the changes as one new row, or as a new record.

        Codes of a BusinessError: refused, row, exists, code, length, ignored. Of an OutcomeUnknown: wrong_record, dialog, banner, no_order, or
        one of `bots.driver`.
        """
        on = self._map(screen)
        try:
            self._prepare(on, key, operation, {c.field: c.after for c in changes}, row)
        except BusinessError as error:
            error.sent = False
            raise
        except ApplicationError as error:
            self._inside = False
            raise OutcomeUnknown(str(error), code=error.code, sent=False) from None
        try:
            return self._save(on)
        except ApplicationError as error:
            self._inside = False
            raise OutcomeUnknown(str(error), code=error.code) from None

    def _prepare(
        self, on: Screen, key: str, operation: Operation, values: Mapping[str, str], row: Mapping[str, str]
    ) -> None:
        """All that comes before the save: the right form, open, with the values in it."""
        if on.create is not None and operation is Operation.ADD:
            self._create(on, key)
            self._rest[on.name].wait()
        else:
            self._is_record(on, key, self._driver.read(on.numbers))
        if operation is Operation.ADD:
            values = {**row, **values}
        if operation is Operation.ADD and on.is_list:
            self._add(on)
        elif operation is Operation.CHANGE:
            self._open_row(on, row)
        self._type(on, values)
        if operation in (Operation.SET, Operation.APPLY):
            self._stand(on, self._before[on.name, key], values)

    # -- the session

    def renew(self) -> None:
        """See `LegacySystem`: log out as far as that works, then log in with nothing left of the old session."""
        door, inside = self._system.door, self._inside
        self._inside = False
        if inside and isinstance(door, Door) and door.leave is not None:
            with suppress(ApplicationError):  # a session that is gone cannot be left
                self._driver.follow(door.leave, [door.user], within=False)
        self._enter_system()

    def wake(self) -> None:
        """Make sure that a session which a person handed over still lives; nothing where nobody hands one over.

        Raises MissingPart when a person must log in first.
        """
        if isinstance(self._system.door, Handover):
            try:
                self._enter_system()
            except SessionOver:
                raise MissingPart(OVER, code=ENDED) from None

    def shot(self) -> bytes:
        """See `LegacySystem`."""
        return self._driver.shot()

    def close(self) -> None:
        """See `LegacySystem`."""
        self._inside = False
        self._driver.close()

    # -- before the night

    def pager(self, screen: str) -> str:
        """Whether the lists of this walk have shown what turns their pages: seen, unseen, or empty where the map names none."""
        on = self._map(screen)
        named = any(step.next for step in on.way.steps)
        return "" if not named else "seen" if screen in self._paged else "unseen"

    def preflight(self, screens: Sequence[str]) -> Sequence[Problem]:
        """See `LegacySystem`; a problem's place is `screen` or `screen.field`."""
        return [problem for name in screens for problem in self._examined(self._map(name))]

    def _examined(self, on: Screen) -> list[Problem]:
        """What is wrong with the screen; a record that does not open says nothing of it while another does."""
        if on.create is not None and not self._samples.get(on.name):
            return self._examined_new(on)
        failed = [Problem(code="no_sample", place=on.name)]
        for sample in self._samples.get(on.name, ()):
            try:
                return self._looked(on, sample)
            except SessionOver:
                raise
            except (ApplicationError, BusinessError) as error:
                failed = [Problem(code=error.code, place=on.name, params={"reason": str(error)})]
        return failed

    def _examined_new(self, on: Screen) -> list[Problem]:
        """The form of a new record, where no record is known yet."""
        try:
            with self._walking(on):
                self._create(on, "")
                found = self._form(on)
                self._outline(on)
                return found
        except SessionOver:
            raise
        except (ApplicationError, BusinessError) as error:
            return [Problem(code=error.code, place=on.name, params={"reason": str(error)})]

    def _looked(self, on: Screen, sample: str) -> list[Problem]:
        with self._walking(on):
            if not self._sought(on, sample):
                raise BusinessError(f"{on.name}: there is no such object", code="no_such_object")
            found = self._numbered(on, sample)
            found += [problem for problem in self._shown(on) if problem not in found]
            if on.fetch and not found and self.glance(on.name, sample) != self._image(on, sample):
                self._drift[on.name, "fetch"] = Problem(code="fetch", place=f"{on.name}.fetch")
            if on.is_list:
                self._add(on)
            found += [problem for problem in self._form(on) if problem not in found]
            self._outline(on, on.numbers)
            if on.orders is not None:
                self._walk(on, on.orders.way, sample.removeprefix(on.scope), on.orders.mark)
        return found

    def _outline(self, on: Screen, numbers: Sequence[Target] = ()) -> None:
        if not self.draw:
            return
        form = {f.label: f.entry or f.show for f in on.fields.values() if f.entry or not on.is_list}
        seen = {
            f"{label} ": f.show
            for label, f in ((f.label, f) for f in on.fields.values())
            if f.entry not in (None, f.show)
        }
        named = {**form, **({} if on.is_list else seen), on.save.press.words: on.save.press}
        own = {f"{on.key.label}  {i}": t for i, t in enumerate(numbers, 1) if t not in named.values()}
        self.pictures[on.name] = self._driver.outline({**named, **own}, on.place, [*form, *seen, *own])

    def _numbered(self, on: Screen, sample: str) -> list[Problem]:
        """Whether the open record shows the number that was asked for, wherever its map says that it does."""
        shown = self._driver.read(on.numbers) if on.numbers else ()
        own = sample.removeprefix(on.scope)
        where = f"{on.name}.{on.key.id}"
        other = [
            Problem(code="wrong_record", place=where, params={"locator": target.words})
            for target, s in zip(on.numbers, shown, strict=True)
            if s.count == 1 and (s.asked or s.value.strip() != own)
        ]
        return [*filter(None, (_counted(on, on.key.id, *one) for one in zip(on.numbers, shown, strict=True))), *other]

    def _shown(self, on: Screen) -> list[Problem]:
        if on.is_list:
            self._driver.table(on.mark)
            return []
        fields = list(on.fields.values())
        shown = self._driver.read([f.show for f in fields])
        self._note(on, zip(fields, shown, strict=True))
        return [p for f, s in zip(fields, shown, strict=True) if (p := _counted(on, f.id, f.show, s))]

    def _form(self, on: Screen) -> list[Problem]:
        fields = [(f, f.entry) for f in on.fields.values() if f.entry]
        *shown, button = self._driver.read([*(entry for _, entry in fields), on.save.press])
        found = [p for (f, entry), s in zip(fields, shown, strict=True) if (p := _typeable(on, f, entry, s))]
        openers = [(f, entry.parts["open"]) for f, entry in fields if "open" in entry.parts]
        there = self._driver.read([opener for _, opener in openers]) if openers else ()
        found += [p for (f, opener), s in zip(openers, there, strict=True) if (p := _counted(on, f.id, opener, s))]
        missing = _counted(on, "save", on.save.press, button)
        return [*found, missing] if missing else found

    # -- the walk

    def _map(self, screen: str) -> Screen:
        if screen not in self._maps:
            raise ConfigError(
                Words(
                    f"没有界面 '{screen}'；现有：{choices(self._maps)}",
                    f"no screen '{screen}'; there are: {choices(self._maps)}",
                )
            )
        return self._maps[screen]

    @contextmanager
    def _walking(self, on: Screen) -> Iterator[None]:
        """Look at a record; a dialog that the map does not know may say that this is none to be worked on."""
        if not self._inside:
            self._enter_system()
        self._driver.noticed()  # what was said before this look
        try:
            yield
            self._known(on, self._driver.noticed())
        except ApplicationError as error:
            self._inside = False
            if error.code == "session" and isinstance(self._system.door, Handover):
                raise SessionOver(OVER, code=ENDED) from None
            raise

    def _enter_system(self) -> None:
        door = self._system.door
        self._driver.open(NOWHERE if door is None else urljoin(self._address, door.start))
        if door is not None:
            pass_through(self._driver, door, self._login)
        if isinstance(door, Handover):
            self._driver.keep()
        self._inside = True

    def _walk(self, on: Screen, way: Way, number: str, end: Target) -> bool:
        """`walk`, whose errors name the screen."""
        try:
            return walk(self._driver, way, number, end, self._address, lambda: self._paged.add(on.name))
        except (ApplicationError, BusinessError) as error:
            error.args = (Words(f"{on.name}：{error.words.zh}", f"{on.name}: {error.words.en}"),)
            raise

    def _sought(self, on: Screen, key: str) -> bool:
        """Open the record by a fresh search, as far as its fields; False when there is none."""
        number = key.removeprefix(on.scope)
        found = self._walk(on, on.way, number, on.end)
        if found and on.scope:
            self._at = (key, self._driver.address())
        return found

    def _create(self, on: Screen, key: str) -> None:
        """Open the form of a new record, unless the record was there when it was last looked for."""
        if on.create is None or self._there.get((on.name, key), False):
            raise BusinessError(f"{on.name}: the record exists already", code="exists")
        if not self._walk(on, on.create, key.removeprefix(on.scope), on.form):
            raise ApplicationError(f"{on.name}: the form of a new record did not open", code="absent")

    def _image(self, on: Screen, key: str, *, watch: bool = False) -> Image:
        """What the open record shows, after making sure that it is the one."""
        fields = [] if on.is_list else _read(on)
        targets = [*on.numbers, *(f.show for f in fields)]
        names = [*("" for _ in on.numbers), *(f.id for f in fields)]

        def look() -> Sequence[Shown]:
            return self._driver.read(targets)

        shown = self._rest[on.name].read(look, names, watch=watch) if on.way.patient else look()
        self._is_record(on, key, shown[: len(on.numbers)])
        if on.is_list:
            return Image(screen=on.name, key=key, rows=tuple(self._rows(on)))
        pairs = list(zip(fields, shown[len(on.numbers) :], strict=True))
        image = _told(on, key, fields, shown[len(on.numbers) :])
        self._note(on, pairs)
        return image

    def _note(self, on: Screen, pairs: Iterable[tuple[Field, Shown]]) -> None:
        """Remember what the controls offer, and which were not found as their map says first."""
        for f, s in pairs:
            self._seen[on.name, f.id] = s
            if is_day(s.value):
                self._days.add((on.name, f.id))
            ways = [f"{way} '{getattr(f.show, way)}'" for way in s.lost if s.count]
            for words in [*ways, *(f"choice '{value}'" for value in (f.codes.moved(s) if f.codes else ()))]:
                self._drift[on.name, f.id] = Problem(code="drift", place=f"{on.name}.{f.id}", params={"lost": words})

    def _rows(self, on: Screen) -> list[dict[str, str]]:
        fields = list(on.fields.values())
        return [
            {f.id: f.canonical(Shown(count=1, value=text, text=text)) for f, text in zip(fields, row, strict=True)}
            for row in self._driver.table(on.mark)
        ]

    def _is_record(self, on: Screen, key: str, numbers: Sequence[Shown]) -> None:
        for target, shown in zip(on.numbers, numbers, strict=True):
            if _one(on, target, shown).asked or shown.value.strip() != key.removeprefix(on.scope):
                raise ApplicationError(
                    Words(f"{on.name}：打开的不是所要的记录", f"{on.name}: another record is open than was asked for"),
                    code="wrong_record",
                )
        if on.scope and not self._stays(on, key):
            raise ApplicationError(
                Words(f"{on.name}：打开的不是所要的页面", f"{on.name}: another page is open than was asked for"),
                code="wrong_record",
            )

    def _stays(self, on: Screen, key: str) -> bool:
        """Whether the page is the one on which this record was opened, at the record's own address where it has one."""
        here, (opened, at) = self._driver.address(), self._at
        number = key.removeprefix(on.scope)
        own = address(on.address, number, self._address) if on.address and not on.numbers else here
        return opened == key and same(here, at) and same(here, own)

    # -- typing and saving

    def _add(self, on: Screen) -> None:
        if on.add is None:
            raise ApplicationError(f"{on.name}: the screen has no rows to add", code="absent")
        self._driver.follow(on.add, [on.form])

    def _open_row(self, on: Screen, row: Mapping[str, str]) -> None:
        """Press the change button of the one row that is like `row`, and make sure that the form shows that row."""
        alike = [i for i, now in enumerate(self._rows(on)) if all(now.get(f) == v for f, v in row.items())]
        if len(alike) != 1 or not row:
            raise BusinessError(f"{on.name}: {len(alike)} rows are as planned", code="row")
        self._driver.follow(replace(on.mark, row=alike[0], text=on.change), [on.form])
        entries = [(on.fields[f], entry) for f in row if (entry := on.fields[f].entry)]
        shown = self._driver.read([entry for _, entry in entries])
        for (f, entry), now in zip(entries, shown, strict=True):
            if f.canonical(_one(on, entry, now)).strip() != row[f.id].strip():
                raise ApplicationError(
                    Words(
                        f"{on.name}：打开的不是所要的那一行", f"{on.name}: another row was opened than was asked for"
                    ),
                    code="wrong_record",
                )

    def _type(self, on: Screen, values: Mapping[str, str]) -> None:
        """Type all values; one that a control turns out not to offer or hold is refused before the first is typed."""
        fields = [_entered(on, name) for name in values]
        shown = self._driver.read([entry for _, entry in fields]) if fields else ()
        for (f, _), now in zip(fields, shown, strict=True):
            if reason := f.meant(values[f.id], now, days=(on.name, f.id) in self._days)[1]:
                raise BusinessError(f"{on.name}: {f.id} cannot hold the value", code=reason, about=f.id)
        entries = [(entry, _sent(on, f, values[f.id], s)) for (f, entry), s in zip(fields, shown, strict=True)]
        before = len(self._driver.heard())
        for name, (_, wanted), held in zip(values, entries, self._written(on, entries, list(values)), strict=True):
            if not on.fields[name].holds(held, wanted):
                raise BusinessError(
                    f"{on.name}: {name} did not take its value; nothing was saved", code="ignored", about=name
                )
        for heard in self._driver.heard()[before:]:
            if heard.text not in on.save.alerts and not (heard.kind == "confirm" and heard.accepted):
                raise ApplicationError(
                    f"{on.name}: a dialog opened while typing that is not mapped; nothing was saved", code="dialog"
                )

    def _written(self, on: Screen, entries: Sequence[tuple[Target, str]], names: Sequence[str]) -> Sequence[str]:
        """What the controls hold after typing; a choice that a list turned out not to have is the value's fault."""
        try:
            return self._driver.write(entries)
        except ApplicationError as error:
            if error.code not in ("option", "ignored"):
                raise
            about = next((name for name, (t, _) in zip(names, entries, strict=True) if t.words == error.about), "")
            of = self._seen[on.name, about].kind if (on.name, about) in self._seen else ""
            raise BusinessError(
                str(error), code="format" if error.code == "option" and of in FORMS else error.code, about=about
            ) from None

    def _stand(self, on: Screen, before: Image, values: Mapping[str, str]) -> None:
        """Make sure that the form holds what nobody asked for as it was read; a page may fill one field from another."""
        others = [f for f in on.fields.values() if f.id not in values and not f.derived]
        shown = self._driver.read([f.show for f in others]) if others else ()
        for f, now in zip(others, shown, strict=True):
            if now.count != 1 or f.canonical(now) != before.cells.get(f.id):
                raise BusinessError(
                    f"{on.name}: the page itself changed {f.id}; nothing was saved", code="moved", about=f.id
                )

    def _save(self, on: Screen) -> Receipt:
        save = on.save
        marks = [*([save.failed] if save.failed else []), save.done]
        pressed = [save.press, *save.then]
        for press, layer in zip(pressed, save.then, strict=False):
            self._driver.follow(press, [layer])
        self._expected(on, self._driver.press(pressed[-1], leaving=marks, accept=save.confirm))
        found = self._driver.arrive(marks)
        self._expected(on, self._driver.heard())
        if found < len(marks) - 1:
            raise _refusal(on, "")
        text = self._answer(save)
        if save.refused and text.startswith(save.refused):
            raise _refusal(on, text)
        if not text.startswith(save.saved):
            raise OutcomeUnknown(f"{on.name}: the answer to the save is not mapped", code="banner")
        number = text.removeprefix(save.saved).strip() if on.workflow else ""
        if on.workflow and not number.isalnum():
            raise OutcomeUnknown(f"{on.name}: the change order's number is missing", code="no_order")
        return Receipt(message=save.saved, order=number)

    def _answer(self, save: Save) -> str:
        """The words of the answer, where they decide anything."""
        if not save.saved and not save.refused:
            return ""
        (banner,) = self._driver.read([save.done])
        return banner.value.strip()

    def _known(self, on: Screen, dialogs: Sequence[Heard]) -> None:
        known = {*on.save.alerts, *(i.alert for i in self._system.interruptions if i.alert)}
        if any(heard.kind != "alert" or heard.text not in known for heard in dialogs):
            raise ApplicationError(
                Words(f"{on.name}：弹出了映射里没有的对话框", f"{on.name}: a dialog opened that is not mapped"),
                code="dialog",
            )

    def _expected(self, on: Screen, dialogs: Sequence[Heard]) -> None:
        for heard in dialogs:
            if heard.kind == "alert" and on.save.refused and heard.text.startswith(on.save.refused):
                raise _refusal(on, heard.text)
            known = heard.text in on.save.confirm if heard.kind == "confirm" else heard.text in on.save.alerts
            if not known:
                raise OutcomeUnknown(f"{on.name}: a dialog opened that is not mapped", code="dialog")


# -- words and values


def _read(on: Screen) -> list[Field]:
    """The fields that a read-back compares, and the stamp where the map names one."""
    return [f for f in on.fields.values() if not f.derived or (on.fetch and f.id == on.fetch.stamp)]


def _told(on: Screen, key: str, fields: Sequence[Field], shown: Sequence[Shown]) -> Image:
    """A record in our values."""
    values = {f.id: f.canonical(_one(on, f.show, s)) for f, s in zip(fields, shown, strict=True)}
    stamp = values.pop(on.fetch.stamp) if on.fetch else ""
    # where records may be made, a record is one row of all that bear its name
    return Image(screen=on.name, key=key, cells=values, rows=(values,) if on.create is not None else (), stamp=stamp)


def _one(on: Screen, target: Target, shown: Shown) -> Shown:
    if shown.count != 1:
        raise ApplicationError(
            f"{on.name}: {target.words} answers {shown.count} controls", code="absent", about=target.words
        )
    return shown


def _entered(on: Screen, field: str) -> tuple[Field, Target]:
    """A field and where it is typed. Raises ApplicationError when the screen cannot hold it: `refuse` was not asked."""
    known = on.fields.get(field)
    if known is None or known.entry is None:
        raise ApplicationError(f"{on.name}: {field} cannot be typed", code="locked")
    told = (
        known.entry.widget == "cascade" and known.codes is None
    )  # its choices come later: the page is told what chooses
    return known, replace(known.entry, options={**known.entry.options, "by": "words"}) if told else known.entry


def _sent(on: Screen, field: Field, value: str, shown: Shown) -> str:
    try:
        return field.sent(value, shown)
    except (KeyError, ValueError):
        raise ApplicationError(
            f"{on.name}: {field.id}: the value has no spelling on the screen", code="option"
        ) from None


def _refusal(on: Screen, text: str) -> BusinessError:
    """The system's own message where it is one of the mapped ones; any other might carry a value."""
    said = text.removeprefix(on.save.refused).strip()
    labels = [f.entry.label for f in on.fields.values() if f.entry]
    known = {*on.save.messages, *(f"{label}{message}" for label in labels for message in on.save.messages)}
    return BusinessError(f"{on.name}: {said if said in known else 'the screen refuses the values'}", code="refused")


def _order(on: Screen, orders: Orders, row: Sequence[str]) -> Order:
    number, key, state, reason, changes = row
    if state not in orders.states:
        raise ApplicationError(f"{on.name}: an order is in a state that is not mapped", code="unmapped")
    cells = _changes(on, orders, changes)
    return Order(number=number, key=key, state=orders.states[state], reason=reason, cells=cells)


def _changes(on: Screen, orders: Orders, text: str) -> dict[str, str]:
    """`label→value；label→value` as fields; a value may contain the separator, so only known labels begin a part."""
    labels = {f.label: f for f in on.fields.values()}
    starts = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    parts = re.split(f"(?:^|{re.escape(orders.between)})({starts}){re.escape(orders.arrow)}", text)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {labels[label].id: labels[label].canonical(Shown(count=1, value=v, text=v)) for label, v in pairs}


def _counted(on: Screen, field: str, target: Target, shown: Shown) -> Problem | None:
    if shown.count == 1:
        return None
    params = {"locator": target.words, "count": shown.count}
    return Problem(code="ambiguous" if shown.count else "absent", place=f"{on.name}.{field}", params=params)


def _typeable(on: Screen, field: Field, entry: Target, shown: Shown) -> Problem | None:
    if problem := _counted(on, field.id, entry, shown):
        return problem
    if shown.locked:
        return Problem(code="locked", place=f"{on.name}.{field.id}")
    missing = field.codes.missing(shown) if field.codes else []
    return Problem(code="option", place=f"{on.name}.{field.id}", params={"missing": missing}) if missing else None
