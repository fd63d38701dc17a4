"""A chat model out of a file, in this process: no server to set up, nothing leaves the machine."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from corpus.errors import InputError
from qa.budget import Budget
from qa.chat_model import ChatModel, Endpoint, Limits, budget_of, endpoint_of

#: Tokens of question, passages and answer together.
WINDOW = 4096
#: A model that runs here may share its cores with everything else, and reads slowly on them.
LIMITS = Limits(first=60.0, total=180.0, tokens=400, passages=3000)


def configured_model(gguf: Path | None, environment: Mapping[str, str]) -> ChatModel | None:
    """The chat model of the file, else of the environment's endpoint, else None. InputError says what cannot be used."""
    if gguf:
        return open_gguf(gguf, budget_of(environment))
    endpoint = endpoint_of(environment)
    return ChatModel(endpoint, budget=budget_of(environment)) if endpoint else None


def open_gguf(path: Path, budget: Budget | None = None) -> ChatModel:
    """The model of a .gguf file, loaded by xllamacpp and asked over this machine's loopback with a key made for it alone."""
    try:
        import xllamacpp  # an extra: nothing else needs it
    except ImportError as error:
        raise InputError("--gguf needs an extra package: pip install -c constraints.txt -e '.[gguf]'") from error
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): give --gguf the file of a chat model") from error
    if magic != b"GGUF":
        raise InputError(f"{path} is not a GGUF file: give --gguf the file of a chat model")
    options = xllamacpp.CommonParams()
    options.model.path = str(path)
    options.n_ctx, options.n_parallel = WINDOW, 1
    options.cpuparams.n_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    options.verbosity = -1
    options.ui = options.endpoint_slots = False
    key = secrets.token_hex(16)
    options.api_keys = [key]
    try:
        server = xllamacpp.Server(options)
    except Exception as error:  # whatever the library raises for a file it cannot load
        raise InputError(f"{path} cannot be loaded as a chat model") from error
    return ChatModel(Endpoint(f"{server.listening_address}/v1", path.stem, key), LIMITS, budget, holds=server)
