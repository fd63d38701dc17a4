"""Passages about nothing in particular: how near an encoder finds texts that have nothing to do with each other."""

import hashlib
import json
from pathlib import Path

PASSAGES = Path(__file__).with_name("background.jsonl")


def background_texts() -> list[str]:
    """The passages, in the order of their file."""
    return [record["text"] for record in _records()]


def described_background() -> dict[str, object]:
    """The passages' languages in order and the digest of their file: what the manifest says of them."""
    return {"languages": [record["lang"] for record in _records()], "digest": hashlib.sha256(PASSAGES.read_bytes()).hexdigest()}


def _records() -> list[dict[str, str]]:
    return [json.loads(line) for line in PASSAGES.read_text("utf-8").splitlines()]
