"""Another encoder: a tiny sentence-transformers model with random weights, made here."""

import pytest

from crpd_qa import Assistant
from crpd_qa.errors import ModelError
from crpd_qa.library import Library
from crpd_qa.library.folders import is_whole
from crpd_qa.library.manifest import read_manifest
from crpd_qa.library.overrides import Override
from crpd_qa.library.write import LibraryWriter, Models
from small_library import DOCUMENTS, entry_of, symbols

SOURCE = DOCUMENTS / "CRPD-C-VLD-Q-1.txt"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Folder of a sentence-transformers model with 16 dimensions."""
    # Not at the top: every process of a run would import torch to collect its tests.
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = sorted(set(SOURCE.read_text("utf-8").lower().split()))
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words) + 5, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"))
    SentenceTransformer(modules=[transformer, Pooling(16)], device="cpu").save(str(folder / "model"))
    return folder / "model"


def test_another_model_embeds_every_document_anew_with_its_corrections(writer, folder, tiny):
    writer.add(SOURCE)
    writer.mend("CRPD/C/VLD/Q/1", "en", Override(label="2", text="Trams are green."))
    before = entry_of(folder, "CRPD/C/VLD/Q/1")
    opened = Assistant.open(folder)
    models = Models(str(tiny), "none")
    other = LibraryWriter(folder)
    assert f"the models are {tiny} now" in other.outdated(models)
    assert other.ensure(models)
    assert not other.ensure(models)
    after = entry_of(folder, "CRPD/C/VLD/Q/1")
    assert read_manifest(folder).encoder.dimension == 16
    assert after.segment != before.segment
    assert after.source == before.source
    library = Library.open(folder)
    assert library.document("CRPD/C/VLD/Q/1").paragraph("2").text == "Trams are green."
    assert library.store.segments[0].vectors.paragraphs.shape == (after.paragraphs, 16)
    assert Assistant.open(folder).ask("paragraph 2").citations[0].quote == "Trams are green."
    assert Assistant.open(folder).search("trams")
    assert opened.library.document("CRPD/C/VLD/Q/1").paragraph("1")  # what was opened is there for a while
    # A third document is embedded by the model that the library has now.
    other.add(DOCUMENTS / "CRPD-C-VLD-CO-1.txt")
    assert symbols(folder) == ["CRPD/C/VLD/Q/1", "CRPD/C/VLD/CO/1"]
    assert all(is_whole(folder / e.segment, e.sha256) for e in read_manifest(folder).documents)

    # Damaged, the model is exported again; nothing has to be embedded again.
    segments = [entry.segment for entry in read_manifest(folder).documents]
    encoder = folder / read_manifest(folder).encoder.folder / "encoder.onnx"
    encoder.write_bytes(encoder.read_bytes()[:-9])
    assert "was changed since it was written" in other.outdated(models)
    assert other.ensure(models)
    assert [entry.segment for entry in read_manifest(folder).documents] == segments
    assert Assistant.open(folder).paragraph("2", "CRPD/C/VLD/Q/1").text == "Trams are green."


def test_a_model_that_cannot_be_loaded_leaves_the_library_as_it_was(writer, folder, tmp_path):
    writer.add(SOURCE)
    before = (folder / "library.json").read_bytes()
    with pytest.raises(ModelError, match="CRPD_QA_MODEL"):
        writer.ensure(Models(str(tmp_path / "no-model"), "none"))
    assert (folder / "library.json").read_bytes() == before
    assert Assistant.open(folder).ask("paragraph 3").answered
    assert not list((folder / "models").glob(".*"))
