"""Where a command leaves its log, which holds nothing of a person's data."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import InputError
from doors.options import DATA, LOGS, _


def folder(data: Path) -> Path:
    """Where a run leaves what people read: logs/ for the site's own ledger, beside the data for any other."""
    return LOGS if data.resolve() == DATA.resolve() else data / "logs"


def _clean(record: Any) -> None:
    """The last line of defence: nothing shaped like a number of a person, and no traceback, reaches a log."""
    from core.privacy import scrub

    record["message"], record["exception"] = scrub(record["message"]), None


def begin(data: Path, *, quiet: bool = False) -> None:
    from loguru import logger

    logger.remove()
    logger.configure(patcher=_clean)
    place = folder(data)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise InputError(
            _(f"--data {data}：不能在其中建立日志目录", f"--data {data}: no folder of logs can be made in it")
        ) from None
    shape = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level:<7} {name}: {message} {extra}"
    logger.add(
        place / "hedang-{time:YYYYMMDD}.log",
        format=shape,
        level="INFO",
        rotation="50 MB",
        diagnose=False,
        backtrace=False,
        encoding="utf-8",
    )
    if not quiet:
        logger.add(
            sys.stderr, format="<level>{level:<7}</level> {message}", level="ERROR", diagnose=False, backtrace=False
        )


def unforeseen(error: BaseException) -> str:
    """Log where it happened, and answer a sentence. What the error says stays out of both: it may quote a person's data."""
    import traceback

    from loguru import logger

    frames = traceback.extract_tb(error.__traceback__)
    way = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    words = sys.argv[1:]
    data = Path(words[words.index("--data") + 1]) if "--data" in words[:-1] else DATA
    if not folder(data).is_dir() and not data.is_dir():
        return f"{type(error).__name__}: {way}"
    begin(data, quiet=True)
    logger.error("unforeseen {}: {}", type(error).__name__, way)
    where = f"{folder(data)}/hedang-{datetime.now():%Y%m%d}.log"  # noqa: DTZ005  (the clock on the reader's wall)
    return f"{type(error).__name__}" + _(f"；经过见 {where}", f"; the way to it is in {where}")
