import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from filelock import FileLock

from crpd_qa import Assistant
from crpd_qa.errors import DocumentError, IndexBuildError, IndexDamagedError, IndexNotFoundError, ModelError
from crpd_qa.library import Library
from crpd_qa.index.build import build_index, stale_reason
from crpd_qa.index.manifest import read_manifest, sha256, verify_files
from crpd_qa.index.model import PACKAGED
from crpd_qa.settings import settings

REPORT = (
    "\t\tArticle 9\nAccessibility\n1.\tRamps were built at 12 stations.\n2.\tThe buses have lifts.\n•\tIn the north;\n"
)


@pytest.fixture
def copy(index_folder, tmp_path):
    """A copy of the index that a test may damage."""
    return shutil.copytree(index_folder, tmp_path / "index")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """(report, index) of a report of two paragraphs without questions."""
    folder = tmp_path_factory.mktemp("tiny")
    report = folder / "CRPD-C-XYZ-1.txt"
    report.write_text(REPORT, encoding="utf-8")
    build_index(report, folder / "index", model_name=PACKAGED, multilingual="none", title="Tiny")
    return report, folder / "index"


def test_the_manifest_describes_model_document_and_every_file(index_folder):
    manifest = read_manifest(index_folder)
    verify_files(index_folder, manifest, digests=True)
    on_disk = {p.relative_to(index_folder).as_posix() for p in index_folder.rglob("*") if p.is_file()}
    assert set(manifest.files) == on_disk - {"manifest.json"}
    assert manifest.model.sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert manifest.model.dimension == 384
    assert (manifest.documents[0].paragraphs, manifest.documents[0].sentences) == (508, 889)


def test_another_report_can_be_indexed_and_asked(tiny):
    _, folder = tiny
    assistant = Assistant.open(folder)
    assert assistant.document.symbol == "CRPD/C/XYZ/1"
    assert assistant.search("wheelchair ramps at stations")[0].number == 1
    assert assistant.ask("what does paragraph 2 say?").citations[1].quote == "In the north;"


def test_an_index_is_fresh_until_its_report_or_model_changes(tiny, tmp_path):
    report, folder = tiny
    assert stale_reason(folder, report, PACKAGED, "none") is None
    assert "model" in stale_reason(folder, report, "another/model")
    changed = tmp_path / report.name
    changed.write_text(REPORT + "3.\tNew.\n", encoding="utf-8")
    assert "changed" in stale_reason(folder, changed, PACKAGED, "none")
    shutil.copy(report, changed)
    changed.with_name("CRPD-C-XYZ-1.questions.jsonl").write_text('{"number": 1, "answers": ["Where?"]}\n')
    assert "changed" in stale_reason(folder, changed, PACKAGED, "none")


def test_no_index_says_how_to_build_one(tmp_path):
    with pytest.raises(IndexNotFoundError, match="crpd-qa index"):
        Index.open(tmp_path / "none")
    assert "no index" in stale_reason(tmp_path / "none", settings().document, PACKAGED)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-10])


def another_version(path):
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"format_version": 999}))


def flip(path):
    data = bytearray(path.read_bytes())
    data[: len(data) // 2] = bytes(len(data) // 2)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("tokens.npy", truncate),
        ("dense.faiss", truncate),
        ("encoder.onnx", os.remove),
        ("manifest.json", truncate),
        ("manifest.json", another_version),
        ("encoder.onnx", flip),
        ("dense.faiss", flip),
        ("paragraphs.jsonl", flip),
        ("tokenizer.json", flip),
        ("dense_questions.npy", flip),
        ("multilingual/dense.faiss", truncate),
    ],
)
def test_a_damaged_index_says_so_and_how_to_mend_it(copy, file, damage):
    damage(copy / file)
    with pytest.raises(IndexDamagedError, match="crpd-qa index"):
        Index.open(copy)


def test_another_model_may_serve_the_other_languages(tiny, tmp_path):
    report, _ = tiny
    folder = tmp_path / "index"
    build_index(report, folder, model_name=PACKAGED, multilingual=PACKAGED, title="Tiny")
    manifest = read_manifest(folder)
    assert manifest.multilingual.name == PACKAGED
    assert "multilingual/encoder.onnx" in manifest.files
    assert "other languages" in stale_reason(folder, report, PACKAGED, "none")
    assert Assistant.open(folder).search("¿Hay rampas en las estaciones?")[0].number == 1


def test_a_refused_report_leaves_the_old_index_untouched(copy, tmp_path):
    broken = tmp_path / "broken.txt"
    broken.write_text("1.\tOne.\n3.\tThree.\n")
    before = sha256(copy / "manifest.json")
    with pytest.raises(DocumentError):
        build_index(broken, copy, model_name=PACKAGED)
    assert sha256(copy / "manifest.json") == before
    Index.open(copy)


def test_an_unknown_model_leaves_the_old_index_untouched(copy, tmp_path):
    with pytest.raises(ModelError, match="CRPD_QA_MODEL"):
        build_index(settings().document, copy, model_name=str(tmp_path / "no-model"))
    Index.open(copy)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexBuildError, match="cannot write the index"):
        build_index(settings().document, tmp_path / "file" / "index", model_name=PACKAGED)


def test_a_second_build_at_the_same_time_is_refused(copy):
    with FileLock(copy.with_name(f".{copy.name}.lock")), pytest.raises(IndexBuildError, match="another build"):
        build_index(settings().document, copy, model_name=PACKAGED)


def test_a_killed_build_leaves_the_old_index_whole(copy):
    build = subprocess.Popen(
        [sys.executable, "-m", "crpd_qa", "index", "--output", str(copy)], stderr=subprocess.DEVNULL
    )
    building = copy.with_name(f".{copy.name}.building")
    for _ in range(600):
        if building.exists():
            break
        time.sleep(0.1)
    assert building.exists()
    build.send_signal(signal.SIGKILL)
    build.wait()
    verify_files(copy, read_manifest(copy), digests=True)
    assert Assistant.open(copy).ask("paragraph 8").answered
