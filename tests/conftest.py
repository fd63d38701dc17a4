"""Real parts for all tests: the built-in encoder, an index of the sample corpus, and no network but loopback."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import pytest
from hypothesis import settings
from playwright.sync_api import expect

from index.build import build
from index.encoder import Encoder, load_encoder
from index.options import BuildOptions
from qa.assistant import Assistant, reader_of

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "corpus" / "articles"

# The same examples every time, so that a failure is of the change at hand; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("house")


# A busy machine is slow, not wrong; what must be quick says so where it is tested.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Any connection that leaves this machine fails the test that tried it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family in (socket.AF_INET, socket.AF_INET6) and not (host.startswith("127.") or host in ("::1", "localhost")):
            raise AssertionError(f"the network was used: {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return load_encoder(models=ROOT / "var" / "models")


@pytest.fixture(scope="session")
def sample_index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the sample corpus. Tests read it; those that change an index make their own."""
    index = tmp_path_factory.mktemp("sample-index")
    build([SAMPLES], index, encoder, BuildOptions())
    return index


@pytest.fixture(scope="session")
def assistant(encoder: Encoder, sample_index: Path) -> Assistant:
    return Assistant(sample_index, encoder, reader=reader_of(encoder))


@pytest.fixture(scope="module")
def address(assistant: Assistant) -> Iterator[str]:
    """Where the page over the module's ``assistant`` is served."""
    from app import serve  # gradio takes seconds to import, and few tests need it
    from qa.chat import Desk

    address, page = serve(Desk(assistant))
    yield address
    page.close(verbose=False)
