"""The checkpoint's trained layers and heads as the file the product ships, in bf16.

    python -m training.export --work FOLDER [--work FOLDER ...] [--average] [--former] [--out qa/reader.safetensors]

Of several checkpoints, each trained from the one before, the mean of their weights is taken (after Wortsman et al. 2022, Model
soups); with ``--former`` of the shipped reader's, too, from which a further stage was trained.
"""

import hashlib
from pathlib import Path
from typing import Annotated

import torch
import typer
from safetensors.torch import load, save

from qa.reader import WEIGHTS


def main(
    work: Annotated[list[Path], typer.Option(help="Where training.train kept its checkpoint; may be repeated.")],
    out: Annotated[Path, typer.Option(help="The file to write.")] = WEIGHTS,
    average: Annotated[bool, typer.Option("--average", help="The average of the last steps' weights, not the last.")] = False,
    former: Annotated[bool, typer.Option("--former", help="The mean with the shipped reader's weights.")] = False,
) -> None:
    """Write the file and print its digest, which qa/reader.py names."""
    saved = [torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=False) for folder in work]
    weights = [one["model"] | (one["average"] if average else {}) for one in saved]
    weights += [load(WEIGHTS.read_bytes())] if former else []
    tensors = {
        name: (sum(one[name].float() for one in weights) / len(weights)).to(torch.bfloat16).contiguous()
        for name in sorted(weights[0])
    }
    data = save(tensors)
    out.write_bytes(data)
    typer.echo(
        f"{out.name}: {len(data) / 1e6:.1f} MB, {len(tensors)} tensors, step {' and '.join(str(one['step']) for one in saved)}"
    )
    typer.echo(hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    typer.run(main)
