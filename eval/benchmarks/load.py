"""Many clients at once against a really running server.

    python eval/benchmarks/load.py [--clients 50] [--seconds 60] [--json FILE]

Starts the server, then lets every client, each with an address of its own, ask the English questions of
eval/dev.jsonl (no attacks), the next as soon as the last is answered. Prints how many requests got which status,
their times, and the server's memory at the start (after a warm-up) and at the end. The rate limit is the one setting
that is raised: with it, these clients would mostly be told to wait. The clients share the machine with the server.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx

from crpd_qa.evaluate.question_set import read_question_set

ROOT = Path(__file__).parents[2]
SET = ROOT / "eval" / "dev.jsonl"
WARM_UP_REQUESTS = 200


def start_server() -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"CRPD_QA_PORT": str(port), "CRPD_QA_REQUESTS_PER_MINUTE": "1000000"}
    process = subprocess.Popen([sys.executable, str(ROOT / "app.py")], env=environment)
    address = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            httpx.get(f"{address}/readyz").raise_for_status()
            return process, address
        except httpx.HTTPError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def resident_mb(process: subprocess.Popen[bytes]) -> int:
    """Memory of the server as Linux counts it."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1024)


async def ask_until(
    end: float, client: int, address: str, questions: list[str], found: list[tuple[int | str, float]]
) -> None:
    """(status or the error's name, seconds) of each request is added to `found`."""
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{client + 1}")
    async with httpx.AsyncClient(transport=transport, timeout=60) as http:
        turn = client
        while time.perf_counter() < end:
            begun = time.perf_counter()
            status: int | str
            try:
                question = questions[turn % len(questions)]
                status = (await http.post(f"{address}/api/v1/ask", json={"question": question})).status_code
            except httpx.HTTPError as error:
                status = type(error).__name__
            found.append((status, time.perf_counter() - begun))
            turn += 7


async def load(clients: int, seconds: float, address: str, questions: list[str]) -> list[tuple[int | str, float]]:
    found: list[tuple[int | str, float]] = []
    end = time.perf_counter() + seconds
    await asyncio.gather(*(ask_until(end, client, address, questions, found) for client in range(clients)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50, choices=range(1, 255), metavar="1..254")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    arguments = parser.parse_args()

    questions = [q.question for q in read_question_set(SET) if q.lang == "en" and q.type != "attack"]
    process, address = start_server()
    try:
        with httpx.Client() as http:
            for turn in range(WARM_UP_REQUESTS):
                http.post(f"{address}/api/v1/ask", json={"question": questions[turn % len(questions)]})
        before = resident_mb(process)
        found = asyncio.run(load(arguments.clients, arguments.seconds, address, questions))
        after = resident_mb(process)
    finally:
        process.terminate()
        process.wait(timeout=30)
    times = [seconds * 1000 for _, seconds in found]
    figures = {
        "clients": arguments.clients,
        "seconds": arguments.seconds,
        "requests": len(found),
        "statuses": {str(status): count for status, count in Counter(status for status, _ in found).items()},
        "requests_per_second": round(len(found) / arguments.seconds, 1),
        "ms_median": round(statistics.median(times)),
        "ms_p95": round(statistics.quantiles(times, n=20)[-1]),
        "ms_max": round(max(times)),
        "resident_mb_start": before,
        "resident_mb_end": after,
    }
    for name, value in figures.items():
        print(f"{name:20} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
