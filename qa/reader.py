"""Reads a question and a passage together and marks where the answer stands, or says that it does not.

The encoder's own transformer, trained further with two linear heads (start and end of a span) as in BERT's SQuAD setting
(Devlin et al. 2019, section 4.3): the score of a span is its start's plus its end's, the score of "not here" that of the first
token at both. Word embeddings and the lowest layers are the encoder's own; the file holds the rest. How it was
trained, on what, and how good it is: ``training/README.md``.
"""

import copy
import hashlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as load_tensors
from torch import nn
from transformers import BertModel

from corpus.errors import InputError
from index.background import background_texts
from index.encoder import Encoder, encodable
from index.engine import Trunk, graph_at, graph_of, measured, reads_in
from index.options import AUTO, BFLOAT, FLOAT

#: Tokens of question and passage together; a longer passage is read in windows that overlap by STRIDE.
WINDOW = 256
STRIDE = 64
#: A question takes at most this many tokens; what is beyond is not read.
QUESTION = 96
#: Windows a core takes at once.
BATCH = 16
#: They are padded to a multiple of so many tokens: for each new shape torch makes kernels anew, 25 ms a question, and keeps them.
STEP = 32
#: A passage, the place of the window's first token in it, how many of its tokens the window ends with, and all the window's ids.
Window = tuple[int, int, int, list[int]]
WEIGHTS = Path(__file__).with_name("reader.safetensors")
#: Of the file the product was measured with, and of the encoder it was trained from.
SHA256 = "5dddadafeacf99e7e48e34e29321ec78b0db3485e7951c6599cac5224bbf6b59"
ENCODER = "aceb02baa1470dc5"

WITHOUT = "sentences are chosen by the encoder alone until it is restored"
Logits = NDArray[np.float32]


class ReaderModel(nn.Module):
    """``trunk``: the encoder's transformer; ``head``: (hidden) to start and end logits."""

    def __init__(self, trunk: BertModel | Trunk):
        super().__init__()
        self.trunk: Any = trunk
        self.head = nn.Linear(trunk.config.hidden_size, 2)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """``ids`` and ``mask`` (n, tokens) to (n, tokens, 2) logits, float32."""
        hidden = self.trunk(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.head(hidden.to(self.head.weight.dtype)).float()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Reading:
    """What was read of one passage, token by token.

    ``start``, ``end``: (tokens,) logits above those of "not here", so a span from token i to j is worth ``start[i] + end[j]``,
    and one worth more than 0 is likelier than none. ``offsets``: (tokens, 2) the tokens' characters in the passage's text.
    """

    start: Logits
    end: Logits
    offsets: NDArray[np.int64]


class Reader:
    """Holds the model; any number of threads may read at once."""

    def __init__(self, encoder: Encoder, weights: bytes):
        """Raises InputError where the weights are not the encoder's or not whole."""
        self.digest = hashlib.sha256(weights).hexdigest()[:12]
        self.precision = encoder.precision
        self.tokenizer: Any = encoder.model.tokenizer
        self._tokenizing = encoder.tokenizing
        try:
            tensors = load_tensors(weights)
        except Exception as error:  # the loader raises its own kinds, for one remedy
            raise InputError(f"the reader's weights cannot be loaded ({type(error).__name__}): restore {WEIGHTS.name}") from error
        self.model = self._model(encoder, tensors).eval()
        # Each core reads windows of its own: where two share one, each waits for the other in hundreds of steps, which on a
        # busy machine made a question ten times as long.
        self._cores = len(os.sched_getaffinity(0))
        self._threads = _threads_of_their_own(self._cores)

    def _model(self, encoder: Encoder, tensors: dict[str, torch.Tensor]) -> ReaderModel:
        """By the engine that was asked for; word embeddings are the encoder's."""
        trunk: Any = encoder.model[0].auto_model
        if not isinstance(trunk, Trunk):
            return _filled(ReaderModel(_sharing_embeddings(trunk)), tensors)
        folder = Path(str(trunk.config.name_or_path))

        def whole() -> ReaderModel:
            return _filled(ReaderModel(BertModel.from_pretrained(folder, local_files_only=True)), tensors).eval()

        self.precision = reads_in() if encoder.engine == AUTO else encoder.precision
        if self.precision == BFLOAT:
            model = whole().bfloat16()
            model.trunk.embeddings.word_embeddings = trunk.words.answering(torch.bfloat16)
            return model

        def make() -> bytes:
            model = whole()
            if self.precision == FLOAT:
                return graph_of(model.trunk, None)
            with measured(model.trunk) as sizes:
                self._look(model)
            return graph_of(model.trunk, sizes)

        model = ReaderModel(trunk.with_layers(graph_at(folder, f"reader-{self.digest}-{self.precision}", make)))
        model.head.load_state_dict({name: tensors[f"head.{name}"].float() for name in ("weight", "bias")})
        return model

    def _look(self, model: ReaderModel) -> None:
        """Read the background passages, each behind the beginning of the one before."""
        texts = background_texts()
        for asked, text in zip(texts[-1:] + texts, texts, strict=False):
            ids = [*self._ids(asking(asked[:60]))[0], *([self.tokenizer.sep_token_id] * 2), *self._ids(leading(None) + text)[0]]
            rows = [[self.tokenizer.cls_token_id, *ids[: WINDOW - 2], self.tokenizer.sep_token_id]]
            with torch.inference_mode():
                model(*padded(rows, self.tokenizer.pad_token_id))

    def read(self, question: str, passages: list[tuple[str | None, str]]) -> list[Reading]:
        """One reading for each (title, text), in order. An empty text gives an empty reading."""
        asked = self._ids(asking(question))[0][:QUESTION]
        windows: list[Window] = []
        sizes = []
        offsets = []
        for at, (title, text) in enumerate(passages):
            lead = leading(title)
            ids, spans = self._ids(lead + text)
            begin = next((token for token, (_, end) in enumerate(spans) if end > len(lead)), len(ids))
            offsets.append(np.maximum(np.array(spans[begin:], dtype=np.int64).reshape(-1, 2) - len(lead), 0))
            sizes.append(len(ids) - begin)
            room = WINDOW - len(asked) - 4
            # Every window begins with the title: it names what the rest calls "it".
            front, body = ids[: min(begin, room // 2)], ids[begin:]
            room -= len(front)
            for first in range(0, max(1, len(body)), room - STRIDE):
                part = body[first : first + room]
                ids = [*asked, *([self.tokenizer.sep_token_id] * 2), *front, *part]
                windows.append((at, first, len(part), ids))
                if first + room >= len(body):
                    break
        return self._merged(windows, sizes, offsets)

    def _ids(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        with self._tokenizing:
            found = self.tokenizer(encodable(text), add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        return found["input_ids"], found["offset_mapping"]

    def _merged(self, windows: list[Window], sizes: list[int], offsets: list[NDArray[np.int64]]) -> list[Reading]:
        """The best a token is worth in any window that holds it."""
        found = [np.full((size, 2), -np.inf, dtype=np.float32) for size in sizes]
        for (passage, first, count, ids), values in self._logits(windows):
            inside = values[1 + len(ids) - count : 1 + len(ids)] - values[0]
            held = found[passage][first : first + count]
            np.maximum(held, inside, out=held)
        return [Reading(one[:, 0], one[:, 1], spans) for one, spans in zip(found, offsets, strict=True)]

    def _logits(self, windows: list[Window]) -> Iterator[tuple[Window, Logits]]:
        """A part of them to each core, like lengths together."""
        order = sorted(windows, key=lambda window: len(window[3]))
        size = min(BATCH, -(-len(order) // self._cores)) or 1
        parts = [order[start : start + size] for start in range(0, len(order), size)]
        for part, logits in zip(parts, self._threads.map(self._part, parts), strict=True):
            yield from zip(part, logits, strict=True)

    def _part(self, windows: list[Window]) -> Logits:
        rows = [[self.tokenizer.cls_token_id, *ids, self.tokenizer.sep_token_id] for _, _, _, ids in windows]
        with torch.inference_mode():
            return np.asarray(self.model(*padded(rows, self.tokenizer.pad_token_id, STEP)).numpy())


def _threads_of_their_own(count: int) -> ThreadPoolExecutor:
    """Threads in each of which torch computes alone; elsewhere it goes on as before."""
    before = torch.get_num_threads()
    ready = threading.Barrier(count + 1)

    def begin() -> None:
        torch.get_num_threads()  # a thread's first call takes over the setting of the process
        torch.set_num_threads(1)
        ready.wait()

    threads = ThreadPoolExecutor(count, "reader", initializer=begin)
    for _ in range(count):
        threads.submit(int)
    ready.wait()
    # The setting is the process's as well, for threads to come.
    torch.set_num_threads(before)
    return threads


def asking(question: str) -> str:
    """The question as the model reads it, in training and after."""
    return f"query: {question}"


def leading(title: str | None) -> str:
    """What stands before a passage's text as the model reads it."""
    return f"passage: {title}. " if title else "passage: "


def padded(rows: list[list[int]], pad: int, step: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids, (n, longest or the next multiple of ``step``), and a mask of that shape that is 1 where they are not padding."""
    longest = -(-max(map(len, rows)) // step) * step
    ids = torch.full((len(rows), longest), pad)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.tensor(row)
        mask[at, : len(row)] = 1
    return ids, mask


def load_reader(encoder: Encoder, weights: Path = WEIGHTS) -> Reader | None:
    """The reader that belongs to the encoder; None for another encoder. InputError if the file is damaged or missing."""
    if encoder.fingerprint != ENCODER:
        return None
    try:
        data = weights.read_bytes()
    except OSError as error:
        raise InputError(f"{weights} cannot be read ({error.strerror}): {WITHOUT}") from error
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise InputError(f"{weights} is damaged (its digest is another): {WITHOUT}")
    return Reader(encoder, data)


def _filled(model: ReaderModel, tensors: dict[str, torch.Tensor]) -> ReaderModel:
    try:
        left = model.load_state_dict(tensors, strict=False)
    except RuntimeError as error:  # another shape
        raise InputError(f"the reader's weights are not those of this model: restore {WEIGHTS.name}") from error
    if left.unexpected_keys or any(name.startswith("head.") for name in left.missing_keys):
        raise InputError(f"the reader's weights are not those of this model: restore {WEIGHTS.name}")
    return model


def _sharing_embeddings(trunk: BertModel) -> BertModel:
    """A copy of the transformer whose embeddings are the encoder's own tensors: 96 million of its 118 million numbers."""
    shared = {id(parameter): parameter for parameter in trunk.embeddings.parameters()}
    copied = copy.deepcopy(trunk, memo=dict(shared))
    copied.pooler = None
    return copied
