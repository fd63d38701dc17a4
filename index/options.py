"""What shapes an index."""

from dataclasses import asdict, dataclass
from pathlib import Path

#: Where the commands and the page look unless told.
SAMPLE_CORPUS = Path("corpus/articles")
DEFAULT_INDEX = Path("var/index")


@dataclass(frozen=True)
class BuildOptions:
    """A change of any of these needs a rebuild; they are saved in the manifest.

    ``model``: ``builtin``, a sentence-transformers folder or hub name. ``chunk_size``: characters a passage may have.
    ``engine``: what computes the built-in model, "auto" or one of ``index.encoder.ENGINES``.
    """

    model: str = "builtin"
    chunk_size: int = 600
    engine: str = "auto"

    def as_dict(self) -> dict[str, str | int]:
        return asdict(self)
