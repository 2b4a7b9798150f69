"""The benchmark of a million paragraphs, run with two thousand."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
INDICES = ["exact", "scalar-quantized, 8 bits", "IVF, 8 bits"]


def test_each_index_has_a_row_of_figures_and_a_second_run_goes_on_where_the_first_ended(index_folder, tmp_path):
    command = [
        *(sys.executable, ROOT / "eval" / "benchmarks" / "million.py", ROOT / "eval" / "documents"),
        *("--paragraphs", "2000", "--encoded", "100", "--work", tmp_path / "work", "--indices", *INDICES),
        *("--json", tmp_path / "figures.json"),
    ]
    environment = os.environ | {"CRPD_QA_INDEX": str(index_folder)}
    tables = [subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True).stdout for _ in range(2)]
    assert tables[0].startswith("2,000 paragraphs, 100 of them encoded")
    assert tables[1] == tables[0]
    assert all(f"| {name} |" in tables[0] for name in INDICES)
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["exact"]["0 all"]["recall@10"] > 0.99  # two rows may be as near as one another
    assert figures["the selected rows only"]["0 0.01 %"]["recall@10"] == 1
    assert figures["IVF, 8 bits"]["256 all"]["recall@10"] > 0.95
    assert figures["IVF, 8 bits"]["bytes a paragraph"] < figures["exact"]["bytes a paragraph"]
