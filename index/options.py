"""What shapes an index."""

from dataclasses import asdict, dataclass
from pathlib import Path

#: Where the commands and the page look unless told.
SAMPLE_CORPUS = Path("corpus/articles")
DEFAULT_INDEX = Path("var/index")
#: What may compute the built-in model: onnxruntime in 8 bits or in float32, or torch in bfloat16; or the fastest of them here.
INT8, FLOAT, BFLOAT = ENGINES = ("int8", "fp32", "bf16")
AUTO = "auto"


@dataclass(frozen=True)
class BuildOptions:
    """A change of any of these needs a rebuild; they are saved in the manifest.

    ``model``: ``builtin``, a sentence-transformers folder or hub name. ``chunk_size``: characters a passage may have.
    ``engine``: what computes the built-in model, AUTO or one of ENGINES.
    """

    model: str = "builtin"
    chunk_size: int = 600
    engine: str = AUTO

    def as_dict(self) -> dict[str, str | int]:
        return asdict(self)
