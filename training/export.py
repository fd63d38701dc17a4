"""The checkpoint's trained layers and heads as the file the product ships, in bf16.

python -m training.export --work FOLDER [--average] [--out qa/reader.safetensors]
"""

import hashlib
from pathlib import Path
from typing import Annotated

import torch
import typer
from safetensors.torch import save

from qa.reader import WEIGHTS


def main(
    work: Annotated[Path, typer.Option(help="Where training.train kept its checkpoint.")],
    out: Annotated[Path, typer.Option(help="The file to write.")] = WEIGHTS,
    average: Annotated[bool, typer.Option("--average", help="The average of the last steps' weights, not the last.")] = False,
) -> None:
    """Write the file and print its digest, which qa/reader.py names."""
    saved = torch.load(work / "checkpoint.pt", map_location="cpu", weights_only=False)
    tensors = {
        name: tensor.to(torch.bfloat16).contiguous()
        for name, tensor in sorted((saved["model"] | (saved["average"] if average else {})).items())
    }
    data = save(tensors)
    out.write_bytes(data)
    typer.echo(f"{out.name}: {len(data) / 1e6:.1f} MB, {len(tensors)} tensors, step {saved['step']}")
    typer.echo(hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    typer.run(main)
