"""Several workers make the library that one makes; what kills a worker costs its document at most."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from multiprocessing import active_children
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from typer.testing import CliRunner

from crpd_qa.cli import app
from crpd_qa.errors import DocumentError
from crpd_qa.library.folders import is_whole
from crpd_qa.library.manifest import read_manifest
from crpd_qa.library.workers import in_processes
from crpd_qa.library.write import LibraryWriter, sources
from crpd_qa.settings import settings
from crpd_qa.store.segment import Segment
from free_port import free_port
from small_library import state_of, symbols

STEPS = tuple(f"Step {number} was taken in {1950 + number}: a ramp was built." for number in range(15))


@pytest.fixture
def reports(write_report, tmp_path) -> Path:
    """Four documents and one that cannot be read, in a folder."""
    folder = tmp_path / "reports"
    folder.mkdir()
    for number, state in enumerate(("Valdoria", "Orsenna", "Kantania", "Ruritania"), start=1):
        own = [text.replace("ramp", f"ramp of {state}") for text in STEPS]
        write_report(*own, symbol=f"CRPD/C/AA{number}/1", state=state).rename(folder / f"{number}.txt")
    (folder / "3-scan.pdf").write_bytes(b"%PDF-1.4 cut short")
    return folder


@pytest.fixture
def one_by_one(empty_library, tmp_path, reports) -> Path:
    """The library that a single process makes of the reports."""
    folder = empty_library(tmp_path / "one")
    for path in sources([reports]):
        if path.suffix == ".txt":
            LibraryWriter(folder, threads=1).add(path)
    return folder


def assert_same(folder, expected):
    """The same documents in the same order, with the same paragraphs, and vectors that are as good as the same."""
    own, other = read_manifest(folder).documents, read_manifest(expected).documents
    assert [(e.symbol, e.segment, e.paragraphs) for e in own] == [(e.symbol, e.segment, e.paragraphs) for e in other]
    for entry in own:
        one, two = (Segment(f / entry.segment) for f in (folder, expected))
        assert one.path("document.json.gz").read_bytes() == two.path("document.json.gz").read_bytes()
        assert np.abs(one.vectors.paragraphs - two.vectors.paragraphs).max() < 1e-3
        assert np.array_equal(one.tokens().offsets, two.tokens().offsets)


def killer(folder: Path, pids, times: int, before: dict) -> Thread:
    """Kills workers that are writing a segment, and keeps what was whole at the first kill."""

    def kill():
        killed: set[int] = set()
        left: set[Path] = set()  # what the killed were writing
        while len(killed) < times:
            own = sorted(set(pids()) - killed)
            writing = set((folder / "segments").glob(".*.writing"))
            whole = list((folder / "segments").glob("[!.]*"))
            if own and writing - left and (whole or times > 1):
                if not killed:
                    before.update(state_of(folder / "segments"))
                os.kill(own[-1], signal.SIGKILL)
                killed.add(own[-1])
                left = writing
            time.sleep(0.01)

    thread = Thread(target=kill, daemon=True)
    thread.start()
    return thread


def whole(state: dict, folder: Path) -> dict:
    return {name: own for name, own in state.items() if is_whole(folder / "segments" / Path(name).parts[0])}


def test_several_workers_make_the_library_of_one_and_say_at_the_end_what_was_refused(
    empty_library, tmp_path, reports, one_by_one, monkeypatch
):
    folder = empty_library(tmp_path / "several")
    monkeypatch.setenv("CRPD_QA_MULTILINGUAL_MODEL", "none")
    settings.cache_clear()
    done = CliRunner().invoke(app, ["add", str(reports), "--workers", "2", "--index", str(folder)])
    settings.cache_clear()
    assert done.exit_code == 1, done.output
    assert done.stdout.count("paragraphs") + done.stderr.count("paragraphs") == 4
    *_, summary, refused = done.stderr.strip().splitlines()
    assert summary == "1 of 5 files were refused:"
    assert str(reports / "3-scan.pdf") in refused
    assert_same(folder, one_by_one)


def test_a_killed_workers_document_is_tried_again_and_nothing_else_is_embedded_twice(
    empty_library, tmp_path, reports, one_by_one
):
    folder, before = empty_library(tmp_path / "several"), {}
    files = [path for path in sources([reports]) if path.suffix == ".txt"]
    thread = killer(folder, lambda: [child.pid for child in active_children()], 1, before)
    writer = LibraryWriter(folder, threads=1)
    for _, outcome in in_processes(folder, files, {}, workers=2, threads=1):
        writer.put(outcome)
    thread.join(10)
    assert_same(folder, one_by_one)
    kept = whole(before, folder)
    assert kept
    after = state_of(folder / "segments")
    assert {name: after[name] for name in kept} == kept


def test_a_document_that_kills_every_worker_is_refused_and_the_next_is_read(folder, write_report):
    heavy = write_report(*STEPS * 5, symbol="CRPD/C/AAA/1")
    light = write_report(*STEPS[:2], symbol="CRPD/C/BBB/1")
    thread = killer(folder, lambda: [child.pid for child in active_children()], 2, {})
    outcomes = [outcome for _, outcome in in_processes(folder, [heavy, light], {}, workers=1, threads=1)]
    thread.join(10)
    assert isinstance(outcomes[0], DocumentError)
    assert "was killed 2 times" in str(outcomes[0])
    LibraryWriter(folder, threads=1).put(outcomes[1])
    assert symbols(folder) == ["CRPD/C/BBB/1"]


def test_what_an_interrupted_run_had_embedded_is_not_embedded_again(folder, write_report):
    report = write_report(*STEPS)
    LibraryWriter(folder, threads=1).embed(report)  # killed before it was put in its place
    assert symbols(folder) == []
    before = state_of(folder / "segments")
    LibraryWriter(folder, threads=1).add(report)
    assert state_of(folder / "segments") == before
    assert symbols(folder) == ["CRPD/C/VLD/1"]


TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}
"""The cluster's own, whatever Ray has left in the home folder of who runs the tests."""


@pytest.fixture
def cluster():
    """Address of a Ray cluster of two cores on this machine, and its process; what it started ends with it."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    options = [f"--port={port}", "--num-cpus=2", "--object-store-memory=80000000"]
    quiet = ["--include-dashboard=false", "--disable-usage-stats", "--node-ip-address=127.0.0.1"]
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        command = [Path(sys.executable).with_name("ray"), "start", "--head", "--block", *options, *quiet]
        # Ray's workers give way to everything else, which other tests would keep them from their work with.
        environment = os.environ | TOKEN | {"RAY_worker_niceness": "0"}
        command.append(f"--temp-dir={folder}")
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            if "Ray runtime started" in line:
                break
        yield address, process
        process.terminate()
        process.communicate(timeout=60)


def readers_of(process) -> list[int]:
    """Process ids of the cluster's workers that read documents."""
    parents, readers = {}, []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            pid = int(entry.name)
            parents[pid] = int((entry / "status").read_text().split("PPid:")[1].split()[0])
            if (entry / "cmdline").read_bytes().startswith(b"ray::embed_file"):
                readers.append(pid)

    def within(pid: int) -> bool:
        return pid == process.pid or (pid in parents and within(parents[pid]))

    return [pid for pid in readers if within(pid)]


def test_a_ray_cluster_makes_the_library_of_one_process_though_a_worker_is_killed(
    empty_library, tmp_path, reports, one_by_one, cluster
):
    address, process = cluster
    folder, before = empty_library(tmp_path / "several"), {}
    thread = killer(folder, lambda: readers_of(process), 1, before)
    command = [sys.executable, "-m", "crpd_qa", "add", reports, "--ray", address, "--index", folder]
    environment = os.environ | TOKEN | {"CRPD_QA_MULTILINGUAL_MODEL": "none"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    thread.join(10)
    assert done.returncode == 1, done.stderr
    assert "1 of 5 files were refused:" in done.stderr
    assert_same(folder, one_by_one)
    kept = whole(before, folder)
    assert kept
    after = state_of(folder / "segments")
    assert {name: after[name] for name in kept} == kept


def test_where_no_cluster_answers_that_is_said_in_a_line(folder, reports):
    command = [sys.executable, "-m", "crpd_qa", "add", reports, "--ray", "nonsense", "--index", folder]
    environment = os.environ | TOKEN | {"CRPD_QA_MULTILINGUAL_MODEL": "none"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no Ray cluster answers at 'nonsense'" in done.stderr
    assert "Traceback" not in done.stderr
