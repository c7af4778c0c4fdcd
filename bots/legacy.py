"""The legacy system as the flows see it: walk its mapped screens, read what they show, type what is asked.

menu ──▶ search by number ──▶ the one exact row ──▶ record (its own number must be the one asked for) ──▶ read
                                                      └──▶ type ──▶ controls hold it? ──▶ save ──▶ confirm ──▶ banner

It holds no guard and decides nothing. What fails while reading is an ApplicationError; what fails while typing is an
OutcomeUnknown with the same code; what the system itself refuses is a BusinessError. No message carries a value.
"""

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from bots import screens
from bots.driver import Driver, Heard, Shown, Target
from bots.screens import Field, Orders, Screen, Search, System
from core.errors import ApplicationError, BusinessError, ConfigError, MissingPart, OutcomeUnknown, choices
from core.model import Change, Image, Operation, Order, Problem, Receipt
from core.settings import Config
from core.words import Words

DRIVERS = Path(__file__).parent / "drivers"


@dataclass(frozen=True, slots=True)
class Login:
    """Who works in the legacy system."""

    user: str
    password: str = field(repr=False)


def connect(
    config: Config, url: str, login: Login, *, headless: bool = True, samples: Mapping[str, Sequence[str]] | None = None
) -> "Legacy":
    """The legacy system at `url`, by its maps in config/; nothing is started before it is first used.

    `samples`: screen → numbers of records that the preflight may open; the first that opens is looked at. Raises ConfigError when a map is wrong.
    """
    system, maps = screens.load(config)
    known = sorted(path.stem for path in DRIVERS.glob("*.py") if path.stem != "__init__")
    if system.driver not in known:
        place = config.path(screens.SYSTEM)
        raise ConfigError(f"{place}: driver: no driver '{system.driver}'; there are: {choices(known)}")
    driver: Driver = importlib.import_module(f"bots.drivers.{system.driver}").start(system, headless=headless)
    address = url if urlsplit(url).path.strip("/") else url.rstrip("/") + system.start
    return Legacy(system=system, maps=maps, driver=driver, address=address, login=login, samples=samples or {})


class Legacy:
    """One login's walk through the screens: a `core.ports.LegacySystem`."""

    def __init__(
        self,
        *,
        system: System,
        maps: Mapping[str, Screen],
        driver: Driver,
        address: str,
        login: Login,
        samples: Mapping[str, Sequence[str]],
    ) -> None:
        self._system, self._maps, self._driver = system, maps, driver
        self._address, self._login, self._samples = address, login, samples
        self._inside = False  # a walk that failed leaves nothing to build on: the next one logs in anew

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
        return on.fields[field].refuse(value, self._system.encoding)

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
        with self._walking():
            self._seek(on, key)
            return self._image(on, key)

    def fetch(self, screen: str, key: str) -> Image:
        """See `LegacySystem`: a search of its own, through the menu, whatever page is open."""
        return self.read(screen, key)

    def orders(self, screen: str, key: str) -> Sequence[Order]:
        """See `LegacySystem`; in the order of the screen."""
        on = self._map(screen)
        if on.orders is None:
            return ()
        with self._walking():
            mark = Target(place=on.orders.search.number.place, columns=on.orders.columns)
            if not self._search(on.orders.search, key, mark):
                return ()
            rows = [row for row in self._driver.table(mark) if row[1] == key]
            return [_order(on, on.orders, row) for row in rows]

    # -- typing

    def enter(
        self, screen: str, key: str, operation: Operation, changes: Sequence[Change], row: Mapping[str, str]
    ) -> Receipt:
        """See `LegacySystem`; ADD types `row` and the changes as one new row.

        Codes of a BusinessError: refused, row. Of an OutcomeUnknown: wrong_record, ignored, dialog, banner, no_order, or
        one of `bots.driver`.
        """
        on = self._map(screen)
        values = {c.field: c.after for c in changes}
        try:
            self._is_record(on, key, self._driver.read(on.numbers))
            if operation is Operation.ADD:
                values = {**row, **values}
                self._add(on)
            elif operation is Operation.CHANGE:
                self._open_row(on, row)
            self._type(on, values)
            return self._save(on)
        except ApplicationError as error:
            self._inside = False
            raise OutcomeUnknown(str(error), code=error.code) from None

    # -- the session

    def renew(self) -> None:
        """See `LegacySystem`: log out as far as that works, then log in with nothing left of the old session."""
        if self._inside:
            self._inside = False
            with suppress(ApplicationError):  # a session that is gone cannot be left
                self._driver.follow(self._system.leave, [self._system.user], within=False)
        self._enter_system()

    def shot(self) -> bytes:
        """See `LegacySystem`."""
        return self._driver.shot()

    def close(self) -> None:
        """See `LegacySystem`."""
        self._inside = False
        self._driver.close()

    # -- before the night

    def preflight(self, screens: Sequence[str]) -> Sequence[Problem]:
        """See `LegacySystem`; a problem's place is `screen` or `screen.field`."""
        return [problem for name in screens for problem in self._examined(self._map(name))]

    def _examined(self, on: Screen) -> list[Problem]:
        """What is wrong with the screen; a record that does not open says nothing of it while another does."""
        failed = [Problem(code="no_sample", place=on.name)]
        for sample in self._samples.get(on.name, ()):
            try:
                return self._looked(on, sample)
            except (ApplicationError, BusinessError) as error:
                failed = [Problem(code=error.code, place=on.name, params={"reason": str(error)})]
        return failed

    def _looked(self, on: Screen, sample: str) -> list[Problem]:
        with self._walking():
            self._seek(on, sample)
            found = self._shown(on)
            if on.is_list:
                self._add(on)
            found += self._form(on)
            if on.orders is not None:
                self._search(on.orders.search, sample, Target(place=on.place, columns=on.orders.columns))
        return found

    def _shown(self, on: Screen) -> list[Problem]:
        if on.is_list:
            self._driver.table(on.mark)
            return []
        fields = list(on.fields.values())
        shown = self._driver.read([f.show for f in fields])
        return [p for f, s in zip(fields, shown, strict=True) if (p := _counted(on, f.id, f.show, s))]

    def _form(self, on: Screen) -> list[Problem]:
        fields = [(f, f.entry) for f in on.fields.values() if f.entry]
        *shown, button = self._driver.read([*(entry for _, entry in fields), on.save.press])
        found = [p for (f, entry), s in zip(fields, shown, strict=True) if (p := _typeable(on, f, entry, s))]
        missing = _counted(on, "save", on.save.press, button)
        return [*found, missing] if missing else found

    # -- the walk

    def _map(self, screen: str) -> Screen:
        if screen not in self._maps:
            raise ConfigError(f"no screen '{screen}'; there are: {choices(self._maps)}")
        return self._maps[screen]

    @contextmanager
    def _walking(self) -> Iterator[None]:
        if not self._inside:
            self._enter_system()
        try:
            yield
        except ApplicationError:
            self._inside = False
            raise

    def _enter_system(self) -> None:
        system = self._system
        self._driver.open(self._address)
        self._driver.arrive([system.user], within=False)
        entries = [(system.user, self._login.user), (system.password, self._login.password)]
        if self._driver.follow(system.enter, [system.ready, system.failed], entries=entries, within=False) == 1:
            raise MissingPart(
                Words(
                    "营销系统拒绝登录；请检查登录名与口令",
                    "the legacy system refuses the login; check its user and its secret",
                ),
                code="login",
            )
        self._inside = True

    def _search(self, search: Search, key: str, mark: Target) -> bool:
        """Ask for the number; False when nothing is found."""
        *headings, item = (Target(place=self._system.menu, text=text) for text in search.menu)
        self._driver.follow(item, [search.number], through=headings)
        return self._driver.follow(search.press, [mark, search.none], entries=[(search.number, key)]) == 0

    def _seek(self, on: Screen, key: str) -> None:
        """Open the record by a fresh search, as far as its fields."""
        search = on.search
        inner = on.tab or on.mark
        results = Target(place=search.number.place, columns=(search.column,)) if search.column else on.form
        if not self._search(search, key, results):
            raise BusinessError(f"{on.name}: there is no such object", code="no_such_object")
        if search.column:
            found = [index for index, (number,) in enumerate(self._driver.table(results)) if number == key]
            if len(found) != 1:
                code = "ambiguous" if found else "no_such_object"
                raise BusinessError(f"{on.name}: {len(found)} objects have exactly this number", code=code)
            self._driver.follow(replace(results, row=found[0], text=search.open), [inner])
        if on.tab:
            self._driver.follow(on.tab, [on.mark])

    def _image(self, on: Screen, key: str) -> Image:
        """What the open record shows, after making sure that it is the one."""
        fields = [] if on.is_list else [f for f in on.fields.values() if not f.derived]
        shown = self._driver.read([*on.numbers, *(f.show for f in fields)])
        self._is_record(on, key, shown[: len(on.numbers)])
        if on.is_list:
            return Image(screen=on.name, key=key, rows=tuple(self._rows(on)))
        cells = zip(fields, shown[len(on.numbers) :], strict=True)
        return Image(screen=on.name, key=key, cells={f.id: f.canonical(_one(on, f.show, s)) for f, s in cells})

    def _rows(self, on: Screen) -> list[dict[str, str]]:
        fields = list(on.fields.values())
        return [
            {f.id: f.canonical(Shown(count=1, value=text, text=text)) for f, text in zip(fields, row, strict=True)}
            for row in self._driver.table(on.mark)
        ]

    def _is_record(self, on: Screen, key: str, numbers: Sequence[Shown]) -> None:
        for target, shown in zip(on.numbers, numbers, strict=True):
            if _one(on, target, shown).value.strip() != key:
                raise ApplicationError(f"{on.name}: another record is open than was asked for", code="wrong_record")

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
                raise ApplicationError(f"{on.name}: another row was opened than was asked for", code="wrong_record")

    def _type(self, on: Screen, values: Mapping[str, str]) -> None:
        entries = [_entry(on, name, value) for name, value in values.items()]
        held = self._driver.write(entries)
        for name, (_, wanted), now in zip(values, entries, held, strict=True):
            if now != wanted:
                raise OutcomeUnknown(f"{on.name}: {name} did not take its value; nothing was saved", code="ignored")

    def _save(self, on: Screen) -> Receipt:
        save = on.save
        self._expected(on, self._driver.press(save.press, leaving=[save.banner], accept=[save.confirm]))
        self._driver.arrive([save.banner])
        self._expected(on, self._driver.heard())
        (banner,) = self._driver.read([save.banner])
        text = banner.value.strip()
        if text.startswith(save.refused):
            raise _refusal(on, text)
        if not text.startswith(save.saved):
            raise OutcomeUnknown(f"{on.name}: the answer to the save is not mapped", code="banner")
        number = text.removeprefix(save.saved).strip() if on.workflow else ""
        if on.workflow and not number.isalnum():
            raise OutcomeUnknown(f"{on.name}: the change order's number is missing", code="no_order")
        return Receipt(message=save.saved, order=number)

    def _expected(self, on: Screen, dialogs: Sequence[Heard]) -> None:
        for heard in dialogs:
            if heard.kind == "alert" and heard.text.startswith(on.save.refused):
                raise _refusal(on, heard.text)
            known = heard.text == on.save.confirm if heard.kind == "confirm" else heard.text in on.save.alerts
            if not known:
                raise OutcomeUnknown(f"{on.name}: a dialog opened that is not mapped", code="dialog")


# -- words and values


def _one(on: Screen, target: Target, shown: Shown) -> Shown:
    if shown.count != 1:
        raise ApplicationError(f"{on.name}: {target.words} answers {shown.count} controls", code="absent")
    return shown


def _entry(on: Screen, field: str, value: str) -> tuple[Target, str]:
    """Where and what to type. Raises ApplicationError when the screen cannot hold it: `refuse` was not asked."""
    known = on.fields.get(field)
    if known is None or known.entry is None:
        raise ApplicationError(f"{on.name}: {field} cannot be typed", code="locked")
    try:
        return known.entry, known.typed(value)
    except (KeyError, ValueError):
        raise ApplicationError(f"{on.name}: {field}: the value has no spelling on the screen", code="option") from None


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
    missing = sorted(set(field.codes.options.values()) - set(shown.options)) if field.codes else []
    return Problem(code="option", place=f"{on.name}.{field.id}", params={"missing": missing}) if missing else None
