import subprocess
import sys

import numpy as np
import pytest

from crpd_qa.encode.export import PACKAGED, load_model

TEXTS = [
    "How many persons have a disability?",
    "a",
    "?",
    "Ramps were installed in 255 buildings; 86 courts have tactile communication.",
    "Қазақстан Республикасы мүгедектер құқығы",
    "Ombudsman’s “special report” – 2012–2016 (art. 14 (2))",
    "word " * 200,
    "𝔘nicode 🐈 and\ttabs\nand lines",
]


@pytest.fixture(scope="module")
def model():
    return load_model(PACKAGED)


@pytest.mark.parametrize("text", TEXTS)
def test_onnx_gives_the_vectors_of_sentence_transformers(assistant, model, text):
    expected = model.encode(text, output_value=None)
    found = assistant.library.encoder.encode(text)

    def cosine(a, b):
        return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)

    assert cosine(found.vector, expected["sentence_embedding"].numpy()) > 0.9999
    tokens = expected["token_embeddings"].numpy()[1:-1]  # without [CLS] and [SEP]
    assert len(found.tokens) == len(found.ids) == len(found.spans) == len(tokens)
    assert (cosine(found.tokens, tokens) > 0.9999).all()


def test_vectors_have_unit_length_and_spans_point_into_the_text(assistant):
    text = "The court is to hire an interpreter."
    found = assistant.library.encoder.encode(text)
    assert np.allclose(np.linalg.norm(found.tokens, axis=1), 1, atol=1e-5)
    assert np.isclose(np.linalg.norm(found.vector), 1, atol=1e-5)
    assert "".join(text[start:end] for start, end in found.spans) == text.replace(" ", "")


def test_answering_imports_no_torch(index_folder):
    code = (
        "import sys; from crpd_qa import Assistant; "
        f"assert Assistant.open({str(index_folder)!r}).ask('How big is the country?').answered; "
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'gradio') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_importing_the_package_loads_no_library():
    code = (
        "import sys; before = set(sys.modules); import crpd_qa; "
        "new = {module.split('.')[0] for module in set(sys.modules) - before} - sys.stdlib_module_names; "
        "print(*new)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["crpd_qa"]
