"""A process tree ends as a whole, and nobody else does."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import psutil
import pytest

from core import posix

ROOT = Path(__file__).parents[2]
# a worker: names itself, starts a child that leaves its session as a browser does, tells both numbers, and waits
WORKER = """
import subprocess, sys, time
sys.path.insert(0, sys.argv[1])
from core import posix
{before}
me = posix.own()
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print(me.pid, repr(me.started), child.pid, flush=True)
time.sleep(60)
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
BROWSER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from core import posix
me = posix.own()
from playwright.sync_api import sync_playwright
with sync_playwright() as hand:
    browser = hand.chromium.launch(executable_path=sys.argv[2], args=["--no-sandbox", "--disable-background-networking"])
    browser.new_page().set_content("<p>here")
    print(repr(me.started), flush=True)
    time.sleep(60)
"""

Worker = tuple[subprocess.Popen[bytes], float, psutil.Process]


@pytest.fixture
def start() -> Iterator[Callable[..., Worker]]:
    started: list[Worker] = []

    def worker(before: str = "") -> Worker:
        script = WORKER.format(before=before)
        process = posix.spawn([sys.executable, "-c", script, ROOT], stdout=subprocess.PIPE)
        assert process.stdout is not None
        _, since, child = process.stdout.readline().split()
        process.stdout.close()
        started.append((process, float(since), psutil.Process(int(child))))
        return started[-1]

    yield worker
    for process, _, child in started:
        process.kill()
        process.wait()
        if child.is_running():
            child.kill()


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_worker_ends_with_the_child_that_left_its_session(start: Callable[..., Worker]) -> None:
    worker, since, child = start()
    assert os.getsid(child.pid) != os.getsid(worker.pid)

    assert posix.end_group(worker.pid, since, wait=5)

    assert worker.wait(1) != 0
    assert gone(child)


def test_a_worker_that_does_not_listen_is_killed(start: Callable[..., Worker]) -> None:
    worker, since, child = start(DEAF)

    assert posix.end_group(worker.pid, since, wait=0.2)

    assert worker.wait(1) == -9
    assert gone(child)


def test_a_worker_that_was_stopped_is_killed(start: Callable[..., Worker]) -> None:
    worker, since, child = start()
    psutil.Process(worker.pid).suspend()
    child.suspend()

    assert posix.end_group(worker.pid, since, wait=0.2)

    assert gone(child)


def test_what_a_dead_worker_left_behind_is_ended(start: Callable[..., Worker]) -> None:
    worker, since, child = start()
    worker.kill()
    worker.wait()
    assert not gone(child)

    assert posix.end_group(worker.pid, since, wait=5)

    assert gone(child)


@pytest.mark.browser
@pytest.mark.parametrize("already_dead", [False, True], ids=["a living owner", "a dead owner"])
def test_a_browser_ends_with_its_owner_even_if_it_hangs(already_dead: bool) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or pytest.fail("no browser: run `make setup`")
    worker = posix.spawn([sys.executable, "-c", BROWSER, ROOT, chromium], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    since = float(worker.stdout.readline())
    worker.stdout.close()
    browser = [child for child in psutil.Process(worker.pid).children(recursive=True) if "chrom" in child.name()]
    for process in browser:
        process.suspend()
    if already_dead:
        worker.kill()
        worker.wait()

    assert posix.end_group(worker.pid, since, wait=0.5)

    worker.wait()
    assert len(browser) > 1
    assert all(gone(process) for process in browser)


def test_a_process_that_got_the_number_later_is_not_touched(start: Callable[..., Worker]) -> None:
    worker, since, child = start()

    assert posix.end_group(worker.pid, since - 1, wait=0.2)

    assert worker.poll() is None
    assert not gone(child)


def test_another_worker_of_the_same_parent_is_not_touched(start: Callable[..., Worker]) -> None:
    one, since, _ = start()
    other, _, child = start()

    assert posix.end_group(one.pid, since, wait=5)

    assert other.poll() is None
    assert not gone(child)


def test_ending_what_is_dead_already_is_done_at_once(start: Callable[..., Worker]) -> None:
    worker, since, _ = start()
    posix.end_group(worker.pid, since)
    worker.wait()
    before = time.monotonic()

    assert posix.end_group(worker.pid, since, wait=5)

    assert time.monotonic() - before < 1


def test_nobody_ends_itself() -> None:
    with pytest.raises(ValueError, match="its own group"):
        posix.end_group(os.getpid(), posix.identity().started)


def test_a_process_is_named_the_same_by_itself_and_by_others(start: Callable[..., Worker]) -> None:
    worker, since, _ = start()

    assert posix.identity(worker.pid).started == since
    assert posix.alive(posix.identity(worker.pid))


def test_a_name_ends_with_its_process(start: Callable[..., Worker]) -> None:
    worker, _, _ = start()
    who = posix.identity(worker.pid)
    worker.kill()
    while not gone(psutil.Process(worker.pid)):
        time.sleep(0.01)

    assert not posix.alive(who), "a zombie does not act"
    worker.wait()
    assert not posix.alive(who)
    with pytest.raises(ProcessLookupError):
        posix.identity(worker.pid)


def test_a_process_of_another_start_is_not_the_same() -> None:
    assert not posix.alive(replace(posix.identity(), started=1.0))


def test_a_process_of_another_host_may_be_alive() -> None:
    assert posix.alive(replace(posix.identity(), host=socket.gethostname() + "-2", pid=2**22))


def test_own_name_reaches_what_is_started_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(posix.OWNER, "")
    assert str(posix.own()) == os.environ[posix.OWNER]


def test_a_lock_is_held_by_one_and_free_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with posix.locked(path), pytest.raises(TimeoutError, match="another process"), posix.locked(path, wait=0.1):
        pass
    with posix.locked(path):
        pass


def test_a_folder_is_put_to_disk(tmp_path: Path) -> None:
    posix.fsync_dir(tmp_path)


def test_items_come_in_their_order_and_all_of_them() -> None:
    several: list[Sequence[object]] = [range(300), (), [None, [], {}]]
    for items in several:
        with posix.ahead(iter(items)) as told:
            assert list(told) == list(items)


def test_an_item_is_as_large_as_it_likes() -> None:
    with posix.ahead(iter([b"x" * (1 << 22), "last"])) as told:
        assert [len(item) for item in told] == [1 << 22, 4]


def test_what_a_copy_changes_is_not_changed_here() -> None:
    seen: list[int] = []

    def items() -> Iterator[int]:
        seen.append(1)
        yield os.getpid()

    with posix.ahead(items()) as told:
        assert seen == ([] if next(told) != os.getpid() else [1])


def test_what_a_copy_does_not_get_to_is_computed_here() -> None:
    here = os.getpid()

    def items() -> Iterator[Callable[[], int] | int]:
        for number in range(10):
            if number == 4 and os.getpid() != here:
                os._exit(9)  # dies without an answer
            yield number
        yield lambda: 1  # nothing that can be sent

    with posix.ahead(items()) as told:
        *numbers, last = told
    assert numbers == list(range(10))
    assert callable(last)


def test_an_error_behind_some_items_is_raised_here_after_them() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    with posix.ahead(items()) as told:
        assert next(told) == 1
        with pytest.raises(ZeroDivisionError):
            next(told)


def test_who_listens_no_more_ends_the_copy() -> None:
    before = psutil.Process().children()
    with posix.ahead(count()) as told:
        assert [next(told), next(told)] == [0, 1]
    assert psutil.Process().children() == before


def test_an_error_here_ends_the_copy() -> None:
    before = psutil.Process().children()
    with pytest.raises(KeyError), posix.ahead(iter(lambda: time.sleep(60), 1)):
        raise KeyError("here")
    assert psutil.Process().children() == before
