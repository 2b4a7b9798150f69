"""The benchmark of a million paragraphs, run with two thousand."""

import json
import subprocess
import sys
from pathlib import Path

from crpd_qa.library.write import LibraryWriter

ROOT = Path(__file__).parents[2]
INDICES = ["exact", "scalar-quantized, 8 bits", "IVF, 8 bits", "the program's: PQ, 4 bits for two numbers"]


def test_each_index_has_a_row_of_figures_and_a_second_run_goes_on_where_the_first_ended(empty_library, tmp_path):
    folder = empty_library(tmp_path / "library")
    writer = LibraryWriter(folder, threads=1)
    for path in sorted((ROOT / "eval" / "documents").glob("*.txt")):
        writer.add(path)
    command = [
        *(sys.executable, ROOT / "eval" / "benchmarks" / "million.py", folder, "--paragraphs", "2000", "--milvus"),
        *("--work", tmp_path / "work", "--json", tmp_path / "figures.json", "--indices", *INDICES),
    ]
    tables = []
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        tables.append([line for line in done.stdout.splitlines() if line.startswith("| ")])
    assert tables[1] == tables[0]
    assert {row.split(" | ")[0].removeprefix("| ") for row in tables[0]} >= {*INDICES, "the selected rows only"}
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["exact"]["0 all"]["recall@10"] > 0.99  # two rows may be as near as one another
    assert figures["the selected rows only"]["0 0.01 %"]["recall@10"] == 1
    assert figures["IVF, 8 bits"]["256 all"]["recall@10"] > 0.95
    assert figures["IVF, 8 bits"]["bytes a paragraph"] < figures["exact"]["bytes a paragraph"]
    assert figures["library"]["all, then"]["recall@10"] > 0.9
