"""Work that makes very many records without the collector of cycles looking through them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the search for cycles, which goes through hundreds of thousands of records again and again and finds none: a sixth
    of the time of a build that embeds little, a third of that of opening a large index."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
