"""Runs the command line in a pseudo-terminal, in pipes, or with a reader that has gone, in a fork of this process."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

from attio_async._cli import main

_TIMEOUT_S = 60
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x1b\x07]*(?:\x1b\\|\x07))")


class Ended(NamedTuple):
    """The exit code and output of a command; a terminal shows both streams as `out`."""

    code: int
    out: str
    err: str = ""

    @property
    def lines(self) -> list[str]:
        """The lines as a terminal shows them."""
        return _ESCAPES.sub("", self.out).replace("\r\n", "\n").split("\n")


def in_terminal(
    *arguments: str, folder: Path, columns: int = 80, answer: bytes = b"", **environment: str
) -> Ended:
    """Run a command in a terminal, where `answer` is typed when the command asks for something."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        _run(arguments, folder, environment)
    (out,) = _read(terminal, answer=answer)
    return Ended(_code(pid), out)


def in_pipes(
    *arguments: str, folder: Path, columns: int = 80, is_reader_gone: bool = False, **environment: str
) -> Ended:
    """Run a command whose output is read by another program, or by one that has ended already."""
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out_end, 1)
        os.dup2(err_end, 2)
        for descriptor in (out, out_end, err, err_end):
            os.close(descriptor)
        _run(arguments, folder, {"COLUMNS": str(columns), **environment})
    os.close(out_end)
    os.close(err_end)
    if is_reader_gone:
        os.close(out)
        (text,) = _read(err)
        return Ended(_code(pid), "", text)
    return Ended(*_swap(_read(out, err), pid))


def _swap(texts: list[str], pid: int) -> tuple[int, str, str]:
    return _code(pid), texts[0], texts[1]


def _run(arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> NoReturn:
    """Be the process of a command, from its start to its end, as far as a fork can."""
    code = 99
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH", "TZ") if name in os.environ}
        os.environ.clear()
        config = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_CACHE_HOME": str(folder / "cache")}
        os.environ.update(
            {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", "EDITOR": "true", **config, **environment}
        )
        os.chdir(folder)
        sys.argv = ["attio-async", *arguments]
        for name, mode, descriptor in (("stdin", "r", 0), ("stdout", "w", 1), ("stderr", "w", 2)):
            stream = open(descriptor, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        code = _call()
    except BaseException:  # noqa: BLE001 - as Python does at the end of a process
        sys.excepthook(*sys.exc_info())
        code = 1
    finally:
        try:
            sys.stdout.flush()
        except OSError as error:
            with suppress(OSError):
                sys.stderr.write(f"Exception ignored in: <stdout> {error!r}\n")
            code = 120  # as Python does
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def _call() -> int:
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
            return 1
        return end.code or 0
    return 0


def _read(*descriptors: int, answer: bytes = b"") -> list[str]:
    """Read all that comes from descriptors until they are closed."""
    found = dict.fromkeys(descriptors, b"")
    open_ = set(descriptors)
    deadline = time.monotonic() + _TIMEOUT_S
    while open_:
        ready, _, _ = select.select(list(open_), [], [], 0.2)
        if answer and not ready and found[descriptors[0]].endswith(b": "):
            os.write(descriptors[0], answer)
        assert time.monotonic() < deadline, found
        for descriptor in ready:
            data = b""
            with suppress(OSError):  # so a terminal says that its process has ended
                data = os.read(descriptor, 65536)
            found[descriptor] += data
            if not data:
                open_.remove(descriptor)
                os.close(descriptor)
    return [data.decode() for data in found.values()]


def _code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
