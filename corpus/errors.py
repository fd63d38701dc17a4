"""What can go wrong that a person can mend.

    ArticleQAError
    ├── InputError       a path, option or file given to us cannot be used
    ├── IndexMissing     there is no index to open
    ├── IndexDamaged     an index is there and does not hold together
    │   └── IndexNewer   it was made by a newer program, and is left alone
    ├── IndexBusy        another process is writing it
    ├── EncoderMismatch  the index was made by another encoder
    └── GateRefused      a new index answers worse than the live one

Entry points catch the base alone, print its one line and exit 1. Anything else is a bug and shows its traceback.
"""


class Stopped(KeyboardInterrupt):
    """Ctrl-C, with a line that says how far it got, and how it goes on from there, where it does."""

    def __str__(self) -> str:
        return " ".join(self.args)


class ArticleQAError(Exception):
    """One line for the person: what is wrong, where, and what mends it."""


class InputError(ArticleQAError):
    pass


class IndexMissing(ArticleQAError):
    pass


class IndexDamaged(ArticleQAError):
    pass


class IndexNewer(IndexDamaged):
    pass


class IndexBusy(ArticleQAError):
    pass


class EncoderMismatch(ArticleQAError):
    pass


class GateRefused(ArticleQAError):
    pass


def why_unread(error: OSError | UnicodeDecodeError) -> str:
    """Why a file that should hold text cannot be read, in a few words."""
    return (error.strerror or "unknown") if isinstance(error, OSError) else "it is not in UTF-8"
