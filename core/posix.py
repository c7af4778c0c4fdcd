"""What POSIX and Windows do differently, in one place: starting and ending a process tree, naming a process, locking a file, a second core.

A worker has children that leave its process group (Playwright puts the browser into a session of its own) and that outlive it
when it is killed. So a tree is found by three marks: descent, sessions led by a member, and the owner's name in the environment,
which `own()` puts there for everything that is started afterwards.
"""

import os
import pickle
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, TypeVar

import psutil

OWNER = "HEDANG_OWNER"
_PAUSE = 0.05
_KILL_WITHIN = 10.0
Item = TypeVar("Item")
_Stream = int | IO[bytes] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessIdentity:
    """One process for as long as the world exists: the number alone is given to another process one day."""

    pid: int
    # to be compared, not shown: exact for one start of one boot, and untouched by a clock that is set
    started: float
    host: str

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}:{self.started!r}"


def identity(pid: int | None = None) -> ProcessIdentity:
    """The name of a process of this host (default: this one); `ProcessLookupError` if there is none."""
    pid = os.getpid() if pid is None else pid
    started = _started(pid)
    if started is None:
        raise ProcessLookupError(f"no process {pid}")
    return ProcessIdentity(pid=pid, started=started, host=socket.gethostname())


def own() -> ProcessIdentity:
    """This process's name, written into its environment: what it starts from now on can be ended even after its death."""
    me = identity()
    os.environ[OWNER] = str(me)
    return me


def alive(who: ProcessIdentity) -> bool:
    """Whether the process may still act. Of another host nobody here can know, so the answer is yes."""
    return who.host != socket.gethostname() or _started(who.pid) == who.started


def spawn(
    args: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: _Stream = subprocess.DEVNULL,
    stdout: _Stream = None,
    stderr: _Stream = None,
) -> subprocess.Popen[bytes]:
    """Start a process at the head of a group of its own, so that `end_group` and Ctrl-C reach it and nothing else."""
    if sys.platform == "win32":
        return subprocess.Popen(
            args,
            cwd=cwd,
            env=env,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
        )
    return subprocess.Popen(args, cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True)


def end_group(pid: int, started: float, wait: float = 5.0) -> bool:
    """End a process of this host and everything it started, browsers included; True when all of it is dead.

    The owner is asked first, so that it can close what it opened; what outlives it is asked next, and after `wait` seconds
    whatever is left is killed. A process that got the number later is not touched. What a dead owner left behind is ended too.
    """
    if pid == os.getpid():
        raise ValueError("a process cannot end its own group and tell what became of it")
    owner = ProcessIdentity(pid=pid, started=started, host=socket.gethostname())
    known: set[psutil.Process] = set()
    asked: set[psutil.Process] = set()
    asking_until = time.monotonic() + wait
    killing_until = asking_until + _KILL_WITHIN
    while time.monotonic() < killing_until:
        _grow(known, owner)
        left = {process for process in known if _running(process)}
        if not left:
            return True
        if time.monotonic() >= asking_until:
            _each(left, psutil.Process.kill)
        else:
            first = {process for process in left if _is(process, owner)} or left
            _each(first - asked, _ask)
            asked |= first
        time.sleep(_PAUSE)
    return False


@contextmanager
def locked(path: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold a file for this process alone; `TimeoutError` if another one still holds it after `wait` seconds.

    The lock ends with its holder, however it ends. The file stays where it is.
    """
    until = time.monotonic() + wait
    with path.open("a+b") as file:
        while not _take(file):
            if time.monotonic() >= until:
                raise TimeoutError(f"{path} is held by another process")
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            _give(file)


def fsync_dir(path: Path) -> None:
    """Make sure that files made, renamed or removed in a folder stay so after a power cut (NTFS sees to that by itself)."""
    if sys.platform == "win32":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


# -- trees


def _grow(known: set[psutil.Process], owner: ProcessIdentity) -> None:
    """Add to `known` whoever belongs to the owner by now: new members appear while old ones end."""
    spared = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    others = {process for process in psutil.process_iter() if process.pid not in spared and _running(process)}
    if _started(owner.pid) is None:
        known |= {process for process in others if _session(process) == owner.pid}
    known |= {process for process in others if _is(process, owner) or _environ(process).get(OWNER) == str(owner)}
    size = -1
    while size != len(known):
        size = len(known)
        parents = {process.pid for process in known if process.is_running()}
        # a dead leader's number is given to nobody else while its session lives
        leaders = parents | {process.pid for process in known if not psutil.pid_exists(process.pid)}
        known |= {process for process in others if _parent(process) in parents or _session(process) in leaders}


def _each(processes: set[psutil.Process], act: Callable[[psutil.Process], object]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            act(process)


def _is(process: psutil.Process, who: ProcessIdentity) -> bool:
    return process.pid == who.pid and _started(process.pid) == who.started


def _running(process: psutil.Process) -> bool:
    """A zombie has stopped acting: it waits for its parent to notice."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.Error:
        return -1


def _environ(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def _session(process: psutil.Process) -> int:
    """The number of the process that leads the session; Windows has no such thing."""
    if sys.platform == "win32":
        return -1
    try:
        return os.getsid(process.pid)
    except OSError:
        return -1


def _ask(process: psutil.Process) -> None:
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.terminate()


# -- start times


def _started(pid: int) -> float | None:
    """When a process started, or None for one that is dead (a zombie is)."""
    if sys.platform == "linux":
        try:
            # the name stands in parentheses and may hold anything, so fields are counted after the last one
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] in "ZX" else _boot() + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


@cache
def _boot() -> float:
    """An offset of this boot. Linux counts start times from the boot on, and two boots may repeat number and time."""
    name = Path("/proc/sys/kernel/random/boot_id").read_text()
    return float(int(name[:6], 16)) * 1e6


# -- locks

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


# -- two cores


@contextmanager
def ahead(items: Iterator[Item], *, worth: bool = True) -> Iterator[Iterator[Item]]:
    """The items in their order, computed from now on in a copy of this process, where Linux lends one; some wait until they are asked for.

    The copy may look at everything that is there and change nothing; only the items come back. What it cannot answer (it was killed,
    it raised, an item cannot be sent) is computed here, where an error is seen as usual; where it is not `worth` a copy, all of it is.
    """
    if sys.platform != "linux" or not worth or (os.cpu_count() or 1) < 2:
        yield items
        return
    receiver, sender = os.pipe()
    copy = os.fork()
    if copy == 0:
        os.close(receiver)
        _tell(sender, items)
    os.close(sender)
    told: queue.Queue[bytes] = queue.Queue(WAITING)
    left = threading.Event()
    listener = threading.Thread(target=_hear, args=(receiver, told, left), daemon=True)
    listener.start()
    try:
        yield _answers(told, items)
    finally:
        left.set()
        os.kill(copy, signal.SIGKILL)  # it has nothing left to do, or nobody listens any more
        os.waitpid(copy, 0)
        listener.join()


WAITING = 4
"""Items that are computed before anybody asks for them."""
_LENGTH = struct.Struct("!Q")


def _tell(sender: int, items: Iterable[object]) -> None:
    """The copy's whole life: it sends each item behind its length, and a length of nothing behind the last."""
    try:
        with os.fdopen(sender, "wb") as answers:
            for item in items:
                said = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
                answers.write(_LENGTH.pack(len(said)))
                answers.write(said)
                answers.flush()
            answers.write(_LENGTH.pack(0))
    except BaseException:  # noqa: BLE001  (whatever it was, the caller meets it again when it computes the rest itself)
        os._exit(1)
    os._exit(0)


def _hear(receiver: int, told: "queue.Queue[bytes]", left: threading.Event) -> None:
    """Take what the copy sends, so that it need not wait; nothing at the end, and one piece more where it ended early."""
    with os.fdopen(receiver, "rb") as answers:
        while len(head := answers.read(_LENGTH.size)) == _LENGTH.size:
            (length,) = _LENGTH.unpack(head)
            said = answers.read(length)
            if len(said) < length:
                break
            _put(told, said, left)
            if not length:
                return
    _put(told, BROKEN, left)


BROKEN = b"!"
"""Said instead of an item when the copy has ended early; no pickle is so short."""


def _put(told: "queue.Queue[bytes]", said: bytes, left: threading.Event) -> None:
    while not left.is_set():
        with suppress(queue.Full):
            told.put(said, timeout=_PAUSE)
            return


def _answers(told: "queue.Queue[bytes]", items: Iterator[Item]) -> Iterator[Item]:
    count = 0
    while said := told.get():
        if said == BROKEN:
            yield from islice(items, count, None)
            return
        count += 1
        yield pickle.loads(said)  # noqa: S301  (our own copy wrote it)


def peak_mb() -> int:
    """The most memory that this process has held so far, in MiB."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset) >> 20
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most >> (20 if sys.platform == "darwin" else 10))


def lean() -> None:
    """From now on large pieces of memory go back to the system when they are freed (glibc keeps them otherwise)."""
    if sys.platform != "linux":
        return
    import ctypes

    mallopt: Callable[[int, int], int] = getattr(ctypes.CDLL(None), "mallopt", lambda *_: 0)  # musl has none
    for option, value in ((-8, 2), (-3, 4 << 20), (-1, 32 << 20)):  # arenas; own mapping from; free at the top
        mallopt(option, value)


def give_back() -> None:
    """Free pages between pieces in use go back to the system, too."""
    if sys.platform != "linux":
        return
    import ctypes

    trim: Callable[[int], int] = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: 0)
    trim(0)
