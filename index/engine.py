"""BertModel as an onnxruntime graph in 8 bits, a text at a time.

Weights are quantised for each output, inputs for each text as they come (dynamic quantisation). A few channels of the inputs are
far larger than the rest and would take all of the 8 bits; so part of their size is moved into the weights, where it costs
nothing (Xiao et al. 2023, SmoothQuant, eq. 4), by the sizes seen over the index's background passages.

Each text is run alone and unpadded. That costs nothing here, and it makes a text's vector a function of the text: embedded in
another company, in another order, in one more build, it is the same to the last bit.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from transformers import BertConfig, BertModel
from transformers.modeling_outputs import BaseModelOutput

from corpus.errors import InputError
from index.background import PASSAGES
from index.options import BFLOAT, FLOAT, INT8

#: How much of a channel's size is moved into the weights, of 0 to 1; the nearest to fp32 of .5, .65 and .8.
SMOOTHING = 0.65
#: Numbers of an embedding that share a scale.
BLOCK = 32
_MICROSOFT = "com.microsoft"
#: The linear layers by the input they share.
LINEAR = {
    "qkv": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "attended": ("attention.output.dense",),
    "inner": ("intermediate.dense",),
    "outer": ("output.dense",),
}
Array = NDArray[np.float32]
Sizes = dict[str, Array]


class WordEmbeddings(nn.Module):
    """A table of embeddings in 8 bits and a scale for each BLOCK of a row: a quarter of the memory, for a cosine of 0.9999.

    ``codes`` (vocabulary, blocks, BLOCK) int8, ``scales`` (vocabulary, blocks, 1) float16; answers in ``dtype``.
    """

    def __init__(self, codes: torch.Tensor, scales: torch.Tensor, dtype: torch.dtype = torch.float32):
        super().__init__()
        self.codes, self.scales, self.dtype = nn.Parameter(codes, False), nn.Parameter(scales, False), dtype

    @classmethod
    def of(cls, weight: torch.Tensor) -> "WordEmbeddings":
        """``weight``: (vocabulary, hidden) float."""
        blocks = weight.detach().float().reshape(len(weight), -1, BLOCK)
        scales = (blocks.abs().amax(-1, keepdim=True) / 127).half()
        codes = (blocks / scales.float().clamp_min(1e-12)).round_().clamp_(-127, 127).to(torch.int8)
        return cls(codes, scales)

    def answering(self, dtype: torch.dtype) -> "WordEmbeddings":
        """The same table, not held twice."""
        return WordEmbeddings(self.codes, self.scales, dtype)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(..., hidden) of (...) token ids."""
        return (self.codes[ids].float() * self.scales[ids].float()).flatten(-2).to(self.dtype)


class Trunk(nn.Module):
    """Stands where a BertModel stood in a SentenceTransformer, and answers as it did. Safe for threads.

    ``words``, and ``places`` (positions, hidden): the embeddings; ``graph``: what ``graph_of`` made.
    """

    def __init__(self, config: BertConfig, words: WordEmbeddings, places: nn.Parameter, graph: bytes):
        super().__init__()
        self.config, self.words, self.places = config, words, places
        options = onnxruntime.SessionOptions()
        # One thread to a text and as many texts as cores: no time is lost where threads would wait for each other.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Its fused sum and normalisation takes six times as long as the two one after the other: a third of the whole.
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
        )
        self._threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)), "trunk")

    @classmethod
    def of(cls, bert: BertModel, graph: bytes) -> "Trunk":
        """With the embeddings of the model that the graph was made of."""
        embeddings = bert.embeddings
        places = embeddings.position_embeddings.weight + embeddings.token_type_embeddings.weight[0]
        words = WordEmbeddings.of(embeddings.word_embeddings.weight)
        return cls(bert.config, words, nn.Parameter(places.detach().float(), False), graph)

    def with_layers(self, graph: bytes) -> "Trunk":
        """Other layers over the same embeddings, which are not held twice."""
        return Trunk(self.config, self.words, self.places, graph)

    @torch.inference_mode()
    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **_: Any) -> BaseModelOutput:
        """``input_ids``, ``attention_mask`` (n, tokens) to hidden states (n, tokens, hidden), 0 where the mask is."""
        counts = attention_mask.sum(dim=1).tolist()
        # For all at once: torch shares each step among threads of its own, which then wait, busily, in the way of these.
        embedded = (self.words(input_ids) + self.places[: input_ids.shape[1]]).numpy()
        hidden = np.zeros_like(embedded)

        def run(row: int) -> None:
            text = slice(row, row + 1), slice(counts[row])
            hidden[text] = self._session.run(None, {"embedded": embedded[text]})[0]

        list(self._threads.map(run, range(len(counts))))
        return BaseModelOutput(last_hidden_state=torch.from_numpy(hidden))


def encodes_in() -> str:
    """int8 where the CPU multiplies bytes by fours (AVX-512 or AVX VNNI, AMX), else fp32: without, int8 is no faster."""
    return INT8 if _cpu_has("avx512_vnni", "avx_vnni", "amx_int8") else FLOAT


def reads_in() -> str:
    """bf16 where the CPU multiplies it: a margin is a difference of large numbers, which 8 bits move by half a logit."""
    return BFLOAT if _cpu_has("amx_bf16", "avx512_bf16") else encodes_in()


def _cpu_has(*flags: str) -> bool:
    try:
        known = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return any(flag in known for flag in flags)


def graph_at(folder: Path, name: str, make: Callable[[], bytes]) -> bytes:
    """The graph of that name kept in ``folder``, made where there is none; it appears whole or not at all."""
    path = folder / f"{name}-{_recipe()}.onnx"
    try:
        return path.read_bytes()
    except OSError:
        graph = make()
    partial = path.with_name(f"{path.name}.partial{os.getpid()}")
    try:
        partial.write_bytes(graph)
        partial.replace(path)
        for old in set(folder.glob(f"{name}-????????.onnx")) - {path}:  # made by an earlier recipe
            old.unlink(missing_ok=True)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"cannot write {path} ({len(graph) // 1_000_000} MB): {error.strerror}") from error
    return graph


def _recipe() -> str:
    """Names how graphs are made, so that none made otherwise is taken for one."""
    return hashlib.sha256(Path(__file__).read_bytes() + PASSAGES.read_bytes()).hexdigest()[:8]


@contextmanager
def measured(bert: BertModel) -> Iterator[Sizes]:
    """While open, the largest input of each linear layer's channels is noted, by the name of the layer."""
    sizes: Sizes = {}
    hooks = []
    for name, layers in _linear(bert):

        def note(_: nn.Module, given: tuple[torch.Tensor, ...], __: torch.Tensor, name: str = name) -> None:
            most = given[0].detach().float().abs().flatten(0, -2).amax(0).numpy()
            sizes[name] = np.maximum(sizes.get(name, most), most)

        hooks.append(layers[0].register_forward_hook(note))
    try:
        yield sizes
    finally:
        for hook in hooks:
            hook.remove()


def _linear(bert: BertModel) -> Iterator[tuple[str, list[nn.Linear]]]:
    for at, layer in enumerate(bert.encoder.layer):
        for name, paths in LINEAR.items():
            yield f"{at}.{name}", [cast(nn.Linear, layer.get_submodule(path)) for path in paths]


def graph_of(bert: BertModel, sizes: Sizes | None) -> bytes:
    """The layers as an ONNX graph from embedded tokens to hidden states, both (1, tokens, hidden) float32.

    In 8 bits with the ``sizes`` that were measured, in float32 without.
    """
    graph = _Graph(sizes)
    config = bert.config
    linear = dict(_linear(bert))
    embeddings: Any = bert.embeddings
    hidden = graph.normalised("first", ["embedded"], embeddings.LayerNorm)
    for at in range(config.num_hidden_layers):
        layer: Any = bert.encoder.layer[at]
        parts = graph.linear(f"{at}.qkv", hidden, linear[f"{at}.qkv"])
        triple = [f"{at}.query", f"{at}.key", f"{at}.value"]
        graph.add("Split", [parts, graph.constant(f"{at}.thirds", np.full(3, config.hidden_size, np.int64))], triple, axis=-1)
        attended = graph.own("MultiHeadAttention", triple, f"{at}.attention", num_heads=config.num_attention_heads)
        out = graph.linear(f"{at}.attended", attended, linear[f"{at}.attended"])
        middle = graph.normalised(f"{at}.middle", [out, hidden], layer.attention.output.LayerNorm)
        inner = graph.linear(f"{at}.inner", middle, linear[f"{at}.inner"])
        outer = graph.linear(f"{at}.outer", graph.own("Gelu", [inner], f"{at}.gelu"), linear[f"{at}.outer"])
        hidden = graph.normalised(f"{at}.end", [outer, middle], layer.output.LayerNorm)
    return graph.finished(hidden, config.hidden_size)


class _Graph:
    """Nodes and constants of a graph under way; each method returns the name of what it adds."""

    def __init__(self, sizes: Sizes | None):
        self.sizes = sizes
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, inputs: list[str], outputs: list[str], domain: str = "", **settings: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **settings))
        return outputs[0]

    def own(self, kind: str, inputs: list[str], name: str, **settings: Any) -> str:
        """One of onnxruntime's own fused operators."""
        return self.add(kind, inputs, [name], _MICROSOFT, **settings)

    def normalised(self, name: str, inputs: list[str], norm: nn.LayerNorm) -> str:
        """Layer normalisation of the sum of one or two inputs."""
        scale = self.constant(f"{name}.scale", norm.weight.detach().float().numpy())
        shift = self.constant(f"{name}.shift", norm.bias.detach().float().numpy())
        total = inputs[0] if len(inputs) == 1 else self.add("Add", inputs, [f"{name}.sum"])
        return self.add("LayerNormalization", [total, scale, shift], [name], axis=-1, epsilon=norm.eps)

    def linear(self, name: str, given: str, layers: list[nn.Linear]) -> str:
        """The layers side by side."""
        weight: Array = torch.cat([layer.weight for layer in layers]).detach().float().numpy()
        bias = self.constant(f"{name}.bias", torch.cat([layer.bias for layer in layers]).detach().float().numpy())
        if self.sizes is None:
            product = self.add("MatMul", [given, self.constant(f"{name}.weight", weight.T)], [f"{name}.product"])
            return self.add("Add", [product, bias], [name])
        smooth = np.maximum(self.sizes[name], 1e-3) ** SMOOTHING / np.maximum(np.abs(weight).max(0), 1e-6) ** (1 - SMOOTHING)
        smooth = np.maximum(smooth, 1e-4).astype(np.float32)
        evened = self.add("Mul", [given, self.constant(f"{name}.smooth", 1 / smooth)], [f"{name}.evened"])
        weight = weight * smooth
        scale = np.maximum(np.abs(weight).max(1), 1e-9) / 127
        inputs = [
            evened,
            self.constant(f"{name}.weight", np.round(weight / scale[:, None]).astype(np.int8).T),
            self.constant(f"{name}.scale", scale.astype(np.float32)),
            self.constant(f"{name}.zero", np.zeros(len(scale), np.int8)),
            bias,
        ]
        return self.own("DynamicQuantizeMatMul", inputs, name)

    def finished(self, output: str, hidden: int) -> bytes:
        shape: list[str | int | None] = [1, "tokens", hidden]
        given = helper.make_tensor_value_info("embedded", TensorProto.FLOAT, shape)
        made = helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "bert", [given], [made], self.constants)
        operators = [helper.make_opsetid("", 17), helper.make_opsetid(_MICROSOFT, 1)]
        return bytes(helper.make_model(graph, opset_imports=operators, ir_version=10).SerializeToString())
