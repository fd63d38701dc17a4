"""Processes of their own for what would end, starve or stop the process of the tests, with the encoder already loaded."""

import ctypes
import errno
import os
import platform
import struct
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import faiss
import torch

from corpus.errors import ArticleQAError
from index.encoder import Encoder

OK, MENDABLE = 0, 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def _threads_anew(encoder: Encoder) -> None:
    torch.set_num_threads(1)  # the threads of a pool do not survive a fork
    faiss.omp_set_num_threads(1)
    encoder.model[0].model._threads = ThreadPoolExecutor(1)


def in_child(encoder: Encoder, work: Callable[[], object]) -> tuple[int, str]:
    """Exit status of a process of its own that does the work, negative for the signal that ended it, and what it died of."""
    reading, writing = os.pipe()  # a file could not be written to once the disk is full
    process = os.fork()
    if not process:
        status = 99
        try:
            _threads_anew(encoder)
            work()
            status = OK
        except ArticleQAError as error:
            os.write(writing, str(error).encode())
            status = MENDABLE
        except BaseException:
            os.write(writing, traceback.format_exc()[-4000:].encode())
        finally:
            os._exit(status)
    os.close(writing)
    with open(reading, "rb") as said:
        message = said.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), message


def processes_below(pid: int) -> dict[int, str]:
    """All that the process started and what those started, whatever session they made: their numbers and command lines."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                parents[int(folder.name)] = int(fields[1])
    found: dict[int, str] = {}
    while more := {child for child, parent in parents.items() if parent in {pid, *found}} - set(found):
        for child in more:
            found[child] = ""
            with suppress(OSError):
                found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
    return found


def without_rights() -> None:
    """Take root's right to write anywhere from this process; nobody else has it."""
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    _done(_LIBC.capset(header, nothing), "capset")


def failing_fsync() -> None:
    """From here on the kernel answers each fsync of this thread with EIO."""
    number = {"x86_64": 74, "aarch64": 82}[platform.machine()]
    load, jump, give = 0x20, 0x15, 0x06
    steps = [(load, 0, 0, 0), (jump, 0, 1, number), (give, 0, 0, 0x50000 | errno.EIO), (give, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    no_new_privileges, seccomp, filtering = 38, 22, 2
    _done(_LIBC.prctl(no_new_privileges, 1, 0, 0, 0) or _LIBC.prctl(seccomp, filtering, program, 0, 0), "prctl")


def own_mounts() -> None:
    """What this process, which must have one thread still, mounts from here on is mounted for it alone. OSError where the kernel
    lets nobody mount."""
    user, group = os.getuid(), os.getgid()
    new_user, new_mounts = 0x10000000, 0x20000
    _done(_LIBC.unshare(new_user | new_mounts), "unshare")
    for name, said in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        Path(f"/proc/self/{name}").write_text(said)
    recursive, private = 0x4000, 0x40000
    _done(_LIBC.mount(None, b"/", None, recursive | private, None), "mount")


def read_only(folder: Path) -> None:
    """From here on a process with ``own_mounts`` sees the folder as a file system that is mounted read-only."""
    only, remount, bind = 1, 0x20, 0x1000
    place = os.fsencode(folder)
    _done(_LIBC.mount(place, place, None, bind, None), "mount")
    _done(_LIBC.mount(None, place, None, remount | bind | only, None), "mount")


def _done(failed: int, call: str) -> None:
    if failed:
        raise OSError(ctypes.get_errno(), call)
