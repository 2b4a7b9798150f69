"""A store that is away: told in plain words, and forgotten when it is back. Milvus is real, and really killed."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient

from crpd_qa import Assistant
from crpd_qa.errors import StoreAwayError
from crpd_qa.library import Library
from crpd_qa.library.bundled import make_ready, stale_reason
from crpd_qa.library.write import LibraryWriter, Models
from crpd_qa.settings import Settings, settings
from crpd_qa.store.milvus import connected
from crpd_qa.web.server import create_app
from free_port import free_port
from milvus_server import serving

ROOT = Path(__file__).parents[2]
TEN = ROOT / "tests" / "ten_paragraphs.txt"
QUESTION = "How many court buildings have ramps?"


def test_away_is_said_everywhere_and_the_store_comes_back_by_itself(empty_library, tmp_path):
    folder = empty_library(tmp_path / "library")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with serving(tmp_path / "milvus", port):
        LibraryWriter(folder, threads=1, store=address).add(TEN)
        config = settings().model_copy(update={"reader": "none", "requests_per_minute": 1000})
        assistant = Assistant(Library.open(folder, threads=1, store=address), config)
        client = TestClient(create_app(assistant, config))
        assert client.get("/readyz").json()["paragraphs"] == 10
        assert client.post("/api/v1/ask", json={"question": QUESTION}).json()["citations"][0]["number"] == 1

    # Another question: what was fetched is kept.
    other = {"question": "Who hires a sign language interpreter?"}
    said = client.post("/api/v1/ask", json=other)
    assert (said.status_code, said.headers["Retry-After"]) == (503, "10")
    assert said.json()["detail"] == "The documents cannot be searched just now. Please try again in a minute."
    assert client.get("/api/v1/search", params={"q": "lifts"}).status_code == 503
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").json() == {"status": "ok"}
    page = client.post("/ask", data=other, headers={"accept": "text/html"})
    assert page.status_code == 503
    assert "The documents cannot be reached just now" in page.text
    assert "Very many people" not in page.text
    events = client.post("/ask", data=other, headers={"accept": "text/event-stream"}).text
    assert 'event: problem\ndata: {"detail":"The documents cannot be reached just now.' in events
    assert '"status":503' in client.post("/api/v1/ask", json=other, headers={"accept": "text/event-stream"}).text
    assert client.get("/api/v1/paragraphs/4").status_code == 200  # the folder has it

    with serving(tmp_path / "milvus", port):
        found = client.post("/api/v1/ask", json=other)
        assert found.status_code == 200
        assert found.json()["citations"][0]["number"] == 4
        assert client.get("/readyz").status_code == 200


def test_a_document_that_is_added_while_the_store_is_away_is_not_there_by_half(empty_library, tmp_path):
    folder = empty_library(tmp_path / "library")
    port = free_port()
    writer = LibraryWriter(folder, threads=1, store=f"http://127.0.0.1:{port}")
    with pytest.raises(StoreAwayError, match=f"127.0.0.1:{port} does not answer"):
        writer.add(TEN)
    assert not Library.open(folder, threads=1, store="").entries
    with serving(tmp_path / "milvus", port) as address:
        writer.add(TEN)
        assert Library.open(folder, threads=1, store=address).store.space.search is not None
        assert Assistant(Library.open(folder, threads=1, store=address), settings()).search("ramps")


def test_two_processes_write_at_once_and_a_third_finds_both(empty_library, tmp_path):
    folder = empty_library(tmp_path / "library")
    files = []
    for name in ("AAA", "BBB"):
        files.append(tmp_path / f"{name}.txt")
        files[-1].write_text(TEN.read_text("utf-8").replace("CRPD/C/MRV/1", f"CRPD/C/{name}/1"), "utf-8")
    with serving(tmp_path / "milvus", free_port()) as address:
        add = (
            "import sys\nfrom pathlib import Path\nfrom crpd_qa.library.write import LibraryWriter\n"
            "LibraryWriter(sys.argv[1], threads=1, store=sys.argv[2]).add(Path(sys.argv[3]))"
        )
        reader = Assistant(Library.open(folder, threads=1, store=address), settings())
        writers = [
            subprocess.Popen([sys.executable, "-c", add, str(folder), address, str(file)], stderr=subprocess.PIPE)
            for file in files
        ]
        said = [writer.communicate()[1].decode() for writer in writers]
        assert [writer.returncode for writer in writers] == [0, 0], said
        found = reader.search("Which court buildings have ramps?", 20)
        assert {passage.document for passage in found} == {"CRPD/C/AAA/1", "CRPD/C/BBB/1"}


def test_milvus_lite_is_one_process_and_says_what_to_do(empty_library, tmp_path):
    folder = empty_library(tmp_path / "library")
    path = str(tmp_path / "store.db")
    LibraryWriter(folder, threads=1, store=path).add(TEN)
    try:
        search = (
            "import sys\nfrom crpd_qa.library import Library\n"
            "Library.open(sys.argv[1], threads=1, store=sys.argv[2]).store.check()"
        )
        other = subprocess.run([sys.executable, "-c", search, str(folder), path], capture_output=True, text=True)
        said = other.stderr.splitlines()[-1]
        assert said.startswith("crpd_qa.errors.StoreAwayError")
        assert "another process may have it" in said
        assert "milvus-lite server --data-dir" in said
    finally:
        connected(path).close()
    assert subprocess.run([sys.executable, "-c", search, str(folder), path]).returncode == 0


def test_a_store_that_lacks_documents_says_the_command_that_writes_them(empty_library, tmp_path, monkeypatch):
    folder = empty_library(tmp_path / "library")
    LibraryWriter(folder, threads=1, store="").add(TEN)
    path = str(tmp_path / "store.db")
    try:
        assistant = Assistant(Library.open(folder, threads=1, store=path), settings())
        with pytest.raises(StoreAwayError, match=r"lacks 1 of the library's 1 documents; .*crpd-qa index"):
            assistant.ask(QUESTION)
        config = settings().model_copy(update={"store": path})
        monkeypatch.setattr("crpd_qa.library.write.settings", lambda: config)
        assert stale_reason(folder, Models(settings().model, "none")) == "the store lacks 1 of its 1 documents"
        make_ready(folder, Models(settings().model, "none"), lambda *_: None)
        assert stale_reason(folder, Models(settings().model, "none")) is None
        assert assistant.search(QUESTION)[0].label == "1"
    finally:
        connected(path).close()


def test_a_server_starts_while_the_store_is_away(empty_library, tmp_path, monkeypatch):
    folder = empty_library(tmp_path / "library")
    LibraryWriter(folder, threads=1, store="").add(TEN)
    config = settings().model_copy(update={"store": f"http://127.0.0.1:{free_port()}"})
    monkeypatch.setattr("crpd_qa.library.write.settings", lambda: config)
    assert stale_reason(folder, Models(settings().model, "none"), verify=False) is None


@pytest.mark.parametrize("address", ["http://localhost:19530", "https://u:p@milvus.example.org/reports", "a/b.db", ""])
def test_a_store_is_an_address_or_a_file(address):
    assert Settings(store=address).store == address


@pytest.mark.parametrize("address", ["localhost:19530", "ftp://x.db", "folder", "http://a b", "http://h/a/b"])
def test_anything_else_is_refused(address):
    with pytest.raises(ValueError, match="no address such as"):
        Settings(store=address)


def test_the_compose_file_is_yaml_and_opens_milvus_to_this_machine_alone():
    compose = yaml.safe_load((ROOT / "examples" / "milvus" / "compose.yaml").read_text("utf-8"))
    assert set(compose["services"]) == {"etcd", "minio", "milvus"}
    assert {name for service in compose["services"].values() for name in service.get("depends_on", [])} <= set(
        compose["services"]
    )
    mounted = {mount.partition(":")[0] for service in compose["services"].values() for mount in service["volumes"]}
    assert mounted == set(compose["volumes"])
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:19530:19530"]
