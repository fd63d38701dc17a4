"""Numbered places of a build where a test can cut the power or fill the disk.

``ARTICLE_QA_FAULT=kill@7`` ends the process at the seventh place it reaches, as a power cut would; ``full@7`` lets no file grow
from there on. Without the variable nothing happens.
"""

import itertools
import os
import resource
import signal

VARIABLE = "ARTICLE_QA_FAULT"
_reached = itertools.count(1)


def step() -> None:
    """A place has been reached."""
    kind, _, place = os.environ.get(VARIABLE, "").partition("@")
    if kind and next(_reached) == int(place):
        if kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
