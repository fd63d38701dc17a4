"""The C library's heaps, kept small in a process that serves for long."""

import ctypes
from contextlib import suppress

#: Numbers of <malloc.h>, and what they are set to: heaps; bytes from which a block comes from the system and goes back to it:
#: more than the reader needs for a layer, as fresh pages would double its time; free bytes a heap keeps.
M_ARENA_MAX, HEAPS = -8, 2
M_MMAP_THRESHOLD, LARGE = -3, 4 * 1024 * 1024
M_TRIM_THRESHOLD, SPARE = -1, 32 * 1024 * 1024


def share_heaps() -> None:
    """Have glibc make few heaps, and none for the largest blocks: it makes one for each of many threads, and what an answer once
    needed stays in every one. Call it before much is loaded."""
    with suppress(OSError, AttributeError):  # another C library has another way
        library = ctypes.CDLL(None)
        library.mallopt(M_ARENA_MAX, HEAPS)
        library.mallopt(M_MMAP_THRESHOLD, LARGE)
        library.mallopt(M_TRIM_THRESHOLD, SPARE)


def give_back() -> None:
    """Hand what is not in use back to the system: some 60 MB after loading. Takes a few milliseconds."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
