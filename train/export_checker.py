"""A trained checker -> ONNX beside the reader, whose weights it shares: only what differs is written.

    python train/export_checker.py MODEL_FOLDER READER CHECKER.pt src/crpd_qa/data/reader [--share S]

READER is what train/checker.py was given. With --share, what is written is only so far on the way from the checker in
READER, a folder, to CHECKER.pt (Wortsman et al. 2022).
"""

import argparse
from pathlib import Path

import torch
from checker import SAMPLE, Checker, tensors
from export_reader import quantized, save_beside

from crpd_qa.check.evidence import checker_tokenizer, inputs

NAMES = ["ids", "positions", "block", "sentences"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("reader", type=Path)
    parser.add_argument("checkpoint")
    parser.add_argument("output", type=Path)
    parser.add_argument("--share", type=float, default=1.0, help="from 0, READER's checker, to 1, CHECKER.pt")
    given = parser.parse_args()
    output: Path = given.output
    model = Checker(given.model, given.reader)
    before = model.state_dict()
    trained = torch.load(given.checkpoint)["model"].items()
    model.load_state_dict({name: torch.lerp(before[name], own, given.share) for name, own in trained}, strict=False)
    model.eval()
    sample = tensors(inputs(checker_tokenizer(str(output / "tokenizer.json")), SAMPLE))
    graph = quantized(model, sample, NAMES, ["refuted", "words"])
    save_beside(graph, output)


if __name__ == "__main__":
    main()
