"""Killed, full, read-only, at the same time: the library is as it was, or has the document whole."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from filelock import FileLock

from crpd_qa.errors import IndexBuildError
from crpd_qa.library import Library
from crpd_qa.library import write as library_write
from crpd_qa.library.folders import is_whole
from crpd_qa.library.manifest import read_manifest, write_manifest
from crpd_qa.library.write import LibraryWriter, Models
from small_library import DOCUMENTS, entry_of, state_of, symbols

TEXTS = ("Ramps were built at 12 railway stations.", "The buses have lifts.")

# Forks once for each operation on a file, and kills itself right before it: first the first, then the second, ...
KILLED_AT_EVERY_OPERATION = """
import os, signal, sys
from pathlib import Path
import bm25s, filelock, orjson, shutil
from crpd_qa.library.write import LibraryWriter

folder, source, change = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
WRITES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime", "shutil.copyfile", "shutil.rmtree"}
left = 0

def kill(event, arguments):
    global left
    writes = event in WRITES or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR))
    if left and writes and str(folder) in str(arguments[0]):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
for operation in range(1, 200):
    if not os.fork():
        left = operation
        writer = LibraryWriter(folder)
        writer.add(source) if change == "add" else writer.remove("CRPD/C/VLD/1")
        os._exit(0)
    _, status = os.wait()
    print(operation, "killed" if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status), flush=True)
    sys.stdin.readline()
    if not os.WIFSIGNALED(status):
        break
"""


def crpd_qa(*arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-m", "crpd_qa", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def assert_whole(folder):
    """Everything that the library names is there and is what it was when it was written."""
    manifest = read_manifest(folder)
    for entry in manifest.documents:
        assert is_whole(folder / entry.segment, entry.sha256)
    assert is_whole(folder / manifest.encoder.folder)


@pytest.mark.parametrize("change", ["add", "remove"])
def test_killed_before_any_operation_on_a_file_the_library_is_as_it_was_or_as_it_should_be(
    folder, writer, write_report, change
):
    writer.add(write_report(*TEXTS, "Page 3"))
    new = write_report(*TEXTS, "A new third paragraph.")
    before = read_manifest(folder)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_AT_EVERY_OPERATION, str(folder), str(new), change],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    unchanged, killed = [], 0
    for line in process.stdout:
        _, outcome = line.split()
        assert outcome in ("killed", "0"), line
        assert_whole(folder)
        unchanged.append(read_manifest(folder).documents == before.documents)
        if len(unchanged) % 6 == 1 or not unchanged[-1]:
            texts = [
                p.text
                for document in map(Library.open(folder).document_at, range(len(symbols(folder))))
                for p in document
            ]
            assert texts[2:] == (["Page 3"] if unchanged[-1] else ["A new third paragraph."] if change == "add" else [])
        killed += outcome == "killed"
        write_manifest(folder, before)
        process.stdin.write("\n")
        process.stdin.flush()
    assert process.wait() == 0
    assert killed > (12 if change == "add" else 2)
    assert unchanged == sorted(unchanged, reverse=True)  # from one operation on it is changed
    assert unchanged[0]
    assert not unchanged[-1]


def test_killed_at_any_moment_the_library_opens(stocked, tmp_path):
    folder = stocked(tmp_path / "library")
    begun = time.monotonic()
    first = crpd_qa("add", DOCUMENTS / "CRPD-C-VLD-Q-1.txt", "--index", folder)
    _, said = first.communicate()
    assert first.returncode == 0, said
    duration = time.monotonic() - begun
    chance = random.Random(11)
    for _ in range(2):
        process = crpd_qa("add", DOCUMENTS / "CRPD-C-VLD-CO-1.txt", "--index", folder)
        time.sleep(duration * chance.uniform(0.4, 1.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert_whole(folder)
        assert symbols(folder) in (["CRPD/C/VLD/Q/1"], ["CRPD/C/VLD/Q/1", "CRPD/C/VLD/CO/1"])
        assert len(Library.open(folder).document("CRPD/C/VLD/Q/1")) > 10
        if len(symbols(folder)) > 1:
            LibraryWriter(folder).remove("CRPD/C/VLD/CO/1")


def test_what_two_processes_add_at_once_both_arrives(stocked, tmp_path):
    folder = stocked(tmp_path / "library")
    files = [DOCUMENTS / "CRPD-C-VLD-Q-1.txt", DOCUMENTS / "CRPD-C-VLD-RQ-1.txt"]
    processes = [crpd_qa("add", path, "--index", folder) for path in files]
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert sorted(symbols(folder)) == ["CRPD/C/VLD/Q/1", "CRPD/C/VLD/RQ/1"]
    assert_whole(folder)


def test_what_is_added_while_another_process_makes_the_library_is_not_lost(
    index_folder, tmp_path, write_report, monkeypatch
):
    """Two processes that find no library both make one; here the second is done before the first is."""
    folder, report = tmp_path / "library", write_report(*TEXTS)
    manifest = read_manifest(index_folder).model_copy(update={"documents": [], "multilingual": None})
    (folder / "models").mkdir(parents=True)
    for name in (manifest.encoder.folder, manifest.examples):
        (folder / name).symlink_to(index_folder / name)

    def export(*_):
        if not (folder / "library.json").exists():
            write_manifest(folder, manifest)
            LibraryWriter(folder).add(report)
        return manifest

    monkeypatch.setattr(library_write, "_export", export)  # it takes torch and half a minute
    LibraryWriter(folder).ensure(Models(manifest.encoder.name, "none"))
    assert symbols(folder) == ["CRPD/C/VLD/1"]


def test_a_library_whose_models_were_changed_meanwhile_takes_no_document_embedded_by_the_old_ones(
    folder, write_report, monkeypatch
):
    embed = library_write.embed

    def embed_and_change(*arguments):
        manifest = read_manifest(folder)
        other = manifest.encoder.model_copy(update={"name": "another/model"})
        write_manifest(folder, manifest.model_copy(update={"encoder": other}))
        return embed(*arguments)

    monkeypatch.setattr(library_write, "embed", embed_and_change)
    with pytest.raises(IndexBuildError, match="changed meanwhile; give the command again"):
        LibraryWriter(folder).add(write_report(*TEXTS))
    assert symbols(folder) == []


def test_who_waits_too_long_for_another_process_is_told_so(folder, writer, write_report, monkeypatch):
    monkeypatch.setattr(library_write, "COMMIT_SECONDS", 0.2)
    with FileLock(folder / ".lock"), pytest.raises(IndexBuildError, match=r"another process .* wait for it to end"):
        writer.add(write_report(*TEXTS))
    assert symbols(folder) == []


@pytest.mark.parametrize("size", [0, 200, 2_000, 20_000])
def test_a_full_disk_is_said_in_a_line_and_leaves_nothing_behind(stocked, tmp_path, size):
    folder = stocked(tmp_path / "library")
    before = state_of(folder)
    process = crpd_qa(
        "add",
        DOCUMENTS / "CRPD-C-VLD-Q-1.txt",
        "--index",
        folder,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    _, said = process.communicate()
    assert process.returncode == 2
    (line,) = [line for line in said.splitlines() if line.startswith("Error")]
    assert line.startswith(
        (
            f"Error: cannot write to {folder}: File too large; what was there is untouched",
            f"Error: cannot write to {folder}: no room; what was there is untouched",
        )
    )
    assert "Traceback" not in said
    assert state_of(folder) == before
    assert not list((folder / "segments").glob(".*"))


def test_a_read_only_folder_is_said_in_a_line(index_folder, write_report):
    manifest = read_manifest(index_folder).model_copy(update={"documents": [], "multilingual": None})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(index_folder / manifest.encoder.folder, folder / manifest.encoder.folder)
        write_manifest(folder, manifest)
        report = shutil.copy(write_report(*TEXTS), folder / "report.txt")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        before = state_of(folder)
        # Root may write everywhere, so that the process becomes somebody else when it has imported everything.
        code = (
            "import encodings.utf_8_sig, os, sys, bm25s, faiss; from crpd_qa.errors import IndexBuildError\\n"
            "from crpd_qa.library.write import LibraryWriter; from pathlib import Path\\n"
            "writer = LibraryWriter(sys.argv[1])\\n"
            "if not os.geteuid(): os.seteuid(65534)\\n"
            "try: writer.add(Path(sys.argv[2]))\\n"
            "except IndexBuildError as error: print(error)"
        ).replace("\\n", "\n")
        done = subprocess.run([sys.executable, "-c", code, folder, report], capture_output=True, text=True, check=False)
        assert f"cannot write to {folder}: Permission denied; what was there is untouched" in done.stdout, done.stderr
        assert state_of(folder) == before
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    done = crpd_qa("index", "--output", tmp_path / "file" / "library")
    _, said = done.communicate()
    assert done.returncode == 2
    assert f"cannot write to {tmp_path / 'file' / 'library'}: Not a directory" in said
    assert "Traceback" not in said


def test_a_document_that_is_written_twice_is_one(folder, writer, write_report):
    """A killed process left a part of a segment under the name that it will get again."""
    report = write_report(*TEXTS)
    entry, _ = writer.add(report)
    writer.remove("CRPD/C/VLD/1")
    for path in (folder / entry.segment).iterdir():
        os.truncate(path, path.stat().st_size // 2)
    assert writer.add(report)[0] == entry
    assert_whole(folder)
    assert entry_of(folder, "CRPD/C/VLD/1") == entry
