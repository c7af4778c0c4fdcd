"""Read what others drop into a folder: csv and xlsx, each file one delivery, damaged ones too."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bots.sources.cells import columns, iso_date
from bots.sources.notes import Notes
from bots.sources.profile import Profile, Table
from bots.sources.sheets import open_sheet
from core.errors import ApplicationError, ConfigError
from core.ports import Delivery
from core.words import Words

_DATE = re.compile(r"(?<!\d)(?:\d{8}|\d{4}-\d{2}-\d{2})(?!\d)")


class Folder:
    """A `core.ports.Source` over a directory; it keeps no cursor, a file is known by its content's SHA-256."""

    def __init__(self, profile: Profile, directory: Path, zone: ZoneInfo) -> None:
        without = [table.name for table in profile.tables if not table.pattern]
        if without:
            raise ConfigError(
                Words(
                    f"config/sources/{profile.name}.yaml：tables.{without[0]}：缺少键 'pattern'",
                    f"config/sources/{profile.name}.yaml: tables.{without[0]}: the key 'pattern' is missing",
                )
            )
        self.name, self.kind, self.profile = profile.name, profile.kind, profile
        self._directory, self._zone = directory, zone

    def pull(self, since: str | None, known: frozenset[str]) -> Iterator[Delivery]:
        """One delivery per new file, oldest date first; a file that is still being written waits for the next pull.

        Raises ApplicationError when the folder is not there, and after the others for files that may not be read.
        """
        if not self._directory.is_dir():
            where, there = self._directory, f"connections.{self.profile.connection}"
            raise ApplicationError(
                Words(
                    f"数据源 {self.name}：没有投递文件夹 {where}；请建立，或在 hedang.yaml 的 {there} 另行指定",
                    f"source {self.name}: there is no folder {where}; make it, or name another one under {there} in hedang.yaml",
                ),
                code="unreachable",
            )
        closed: list[str] = []
        for as_of, path, table in self._files():
            try:
                delivery = self._read(as_of, path, table, known)
            except OSError as error:
                closed.append(f"{path.name} ({error.strerror})")
                continue
            if delivery is not None:
                yield delivery
            del delivery  # before the next file is read
        if closed:
            names = ", ".join(closed)
            raise ApplicationError(
                Words(f"数据源 {self.name}：有文件不可读：{names}", f"source {self.name}: cannot be read: {names}")
            )

    def _files(self) -> list[tuple[date | None, Path, Table]]:
        found = [
            (self._as_of(path), path, table)
            for table in self.profile.tables
            for path in self._directory.glob(table.pattern)
            if path.is_file() and not path.name.startswith((".", "~$"))
        ]
        return sorted(found, key=lambda entry: (entry[0] or date.min, entry[1].name))

    def _as_of(self, path: Path) -> date | None:
        if self.profile.as_of == "modified":
            return datetime.fromtimestamp(path.stat().st_mtime, self._zone).date()
        stamp = _DATE.search(path.stem)
        iso = iso_date(stamp.group()) if stamp else None
        return date.fromisoformat(iso) if iso else None

    def _read(self, as_of: date | None, path: Path, table: Table, known: frozenset[str]) -> Delivery | None:
        before, raw, after = path.stat(), path.read_bytes(), path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            return None
        if hashlib.sha256(raw).hexdigest() in known:
            return None
        notes = Notes(path.name)
        sheet = open_sheet(raw, notes, table.sheet)
        found, lines = columns(sheet, table, notes) if sheet else ({}, [])
        return Delivery(
            name=path.name,
            raw=raw,
            as_of=as_of,
            columns=found,
            lines=lines,
            problems=notes.problems(),
            refused=notes.refused,
            table=table.name,
        )
