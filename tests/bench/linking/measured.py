"""How long a command takes and how much memory it and all its children hold at their worst."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

EVERY = 0.05  # seconds between two looks at the memory
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds of the whole process, MiB at the peak of the process tree, one-minute load of the machine before the start, and what it wrote."""

    seconds: float
    peak_mb: float
    load: float
    out: str


def run(command: Sequence[str | Path], directory: Path) -> Measured:
    """Run it to its end. Raises RuntimeError with the end of what it said when it fails."""
    load, began = os.getloadavg()[0], time.perf_counter()
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peaks = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peaks))
    watcher.start()
    out, said = process.communicate()
    seconds = time.perf_counter() - began
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {said[-2000:]}")
    return Measured(seconds=seconds, peak_mb=peaks[0], load=load, out=out)


def _watch(number: int, peaks: list[float]) -> None:
    while held := _held(number):
        peaks[0] = max(peaks[0], held)
        time.sleep(EVERY)


def _held(number: int) -> float:
    """Resident MiB of the process and its children; 0 once it has ended."""
    try:
        root = psutil.Process(number)
        if root.status() == psutil.STATUS_ZOMBIE:
            return 0.0
        return sum(one.memory_info().rss for one in (root, *root.children(recursive=True))) / MIB
    except psutil.NoSuchProcess:
        return 0.0
