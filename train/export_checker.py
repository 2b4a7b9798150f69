"""A trained checker -> ONNX beside the reader, whose weights it shares: only what differs is written.

    python train/export_checker.py MODEL_FOLDER READER CHECKER.pt src/crpd_qa/data/reader [--trained-before] [--share S]

READER is what train/checker.py was given. With --trained-before it is a checkpoint that learned more
(`reader.py --trained`) after the checker was made of it: the checker's updates take the reader's out again. With
--share, what is written is only so far on the way from the checker in READER, a folder, to CHECKER.pt (Wortsman et al.
2022).
"""

import argparse
from pathlib import Path

import onnx
import torch
from checker import SAMPLE, Checker, tensors
from export_reader import quantized
from low_rank import LowRank
from onnx import TensorProto
from onnx.external_data_helper import set_external_data

from crpd_qa.check.evidence import checker_tokenizer, inputs

NAMES = ["ids", "positions", "block", "sentences"]
SHARED = 100_000
"""Bytes from which on a tensor is looked for in the reader's files."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("reader", type=Path)
    parser.add_argument("checkpoint")
    parser.add_argument("output", type=Path)
    parser.add_argument("--trained-before", action="store_true", help="READER.pt has gone on since")
    parser.add_argument("--share", type=float, default=1.0, help="from 0, READER's checker, to 1, CHECKER.pt")
    given = parser.parse_args()
    output: Path = given.output
    model = Checker(given.model, given.reader)
    before = model.state_dict()
    trained = torch.load(given.checkpoint)["model"].items()
    model.load_state_dict({name: torch.lerp(before[name], own, given.share) for name, own in trained}, strict=False)
    if given.trained_before:
        take_out(model, torch.load(given.reader)["updates"])
    model.eval()
    sample = tensors(inputs(checker_tokenizer(str(output / "tokenizer.json")), SAMPLE))
    batch, length, most = torch.export.Dim("batch"), torch.export.Dim("length"), torch.export.Dim("most")
    shapes = ({0: batch, 1: length},) * 3 + ({0: batch, 1: most, 2: length},)
    graph = quantized(model, sample, NAMES, ["refuted", "words"], shapes)
    own = 0
    for tensor in graph.graph.initializer:
        if len(tensor.raw_data) < SHARED or not share(tensor, output):
            own += len(tensor.raw_data)
    onnx.save(graph, str(output / "checker.onnx"))
    print("own", own, "of", (output / "checker.onnx").stat().st_size)


def take_out(model: Checker, readers: dict[str, tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Each update of the checker's less the reader's beside the same layer."""
    own = {name: module for name, module in model.named_modules() if isinstance(module, LowRank)}
    if missing := readers.keys() - own.keys():
        raise SystemExit(f"the checker has no update beside {min(missing)}, which the reader's cannot be taken out of")
    for name, (down, up) in readers.items():
        module = own[name]
        module.down.weight = torch.nn.Parameter(torch.cat([module.down.weight, down]))
        module.up.weight = torch.nn.Parameter(torch.cat([module.up.weight, -up], dim=1))


def share(tensor: TensorProto, folder: Path) -> bool:
    """Whether the same bytes stand in a file of the reader's, which then is where the graph has them from."""
    for path in (folder / "reader-1.bin", folder / "reader.onnx"):
        if (at := path.read_bytes().find(tensor.raw_data)) >= 0:
            set_external_data(tensor, location=path.name, offset=at, length=len(tensor.raw_data))
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            return True
    return False


if __name__ == "__main__":
    main()
