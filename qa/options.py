"""How a question is asked."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class AskOptions:
    """None of these needs a rebuild. Empty ``languages`` and ``sources`` mean all.

    ``k``: passages kept as hits (at least 1). ``since`` and ``until`` are inclusive; an article without a publication
    date is left out as soon as either is given.
    """

    k: int = 10
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    @property
    def narrow(self) -> bool:
        """Does any filter leave articles out?"""
        return bool(self.languages or self.sources or self.since or self.until)
