"""Speed and memory of answering, measured in one run.

    python eval/benchmarks/latency.py [--json FILE] [--rounds 5]

Times the bare ONNX encoding of each English question of eval/dev.jsonl and `Assistant.ask` for the same question the
quick way, one after the other, so that both meet the same noise; and of one in ten, once, by reading. Says also how
long a fresh process takes to import crpd_qa and to be ready to answer, and how much memory this process holds in the
end.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from crpd_qa import Assistant
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.settings import settings

SET = Path(__file__).parents[1] / "dev.jsonl"


def milliseconds(call: Callable[[str], object], question: str) -> float:
    begun = time.perf_counter()
    call(question)
    return (time.perf_counter() - begun) * 1000


def fresh_process_seconds(code: str, count: int = 5) -> float:
    """Median wall time inside fresh processes, without the interpreter's own start."""
    timed = f"import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
    return statistics.median(
        float(subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True).stdout)
        for _ in range(count)
    )


def resident_mb() -> float:
    """Memory of this process as Linux counts it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--rounds", type=int, default=5, help="times each question is asked")
    arguments = parser.parse_args()

    kinds = ("fact", "describe", "lay", "multi", "none")
    questions = [q.question for q in read_question_set(SET) if q.lang == "en" and q.type in kinds]
    reading = Assistant.open()
    quick = Assistant(reading.library, settings().model_copy(update={"reader": "none"}))
    encode = quick.library.encoder.encode
    for question in questions[:20]:
        encode(question), quick.ask(question), reading.ask(question)  # warm-up
    encoding, asking = [], []
    read = [milliseconds(reading.ask, question) for question in questions[::10]]
    for _ in range(arguments.rounds):
        for question in questions:
            encoding.append(milliseconds(encode, question))
            asking.append(milliseconds(quick.ask, question))
    figures = {
        "questions": len(questions),
        "measurements": len(asking),
        "encode_ms_median": round(statistics.median(encoding), 2),
        "ask_ms_median": round(statistics.median(asking), 2),
        "ask_ms_p95": round(statistics.quantiles(asking, n=20)[-1], 2),
        "ratio_of_medians": round(statistics.median(asking) / statistics.median(encoding), 2),
        "read_ms_median": round(statistics.median(read)),
        "read_ms_p95": round(statistics.quantiles(read, n=20)[-1]),
        "resident_mb": round(resident_mb()),
        "torch_imported": "torch" in sys.modules,
        "import_s": round(fresh_process_seconds("import crpd_qa"), 3),
        "ready_s": round(fresh_process_seconds("from crpd_qa import Assistant; Assistant.open()"), 2),
    }
    for name, value in figures.items():
        print(f"{name:20} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
