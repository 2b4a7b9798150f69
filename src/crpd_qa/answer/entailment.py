"""Whether a text entails a sentence: a model trained for that question, for those who name one."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from tokenizers import Tokenizer

from crpd_qa.encode import Floats
from crpd_qa.encode.session import session
from crpd_qa.errors import SettingsError
from crpd_qa.extras import needs_extra

ENTAILED = ("entailment", "supported", "consistent")
"""What models call the label that lets a sentence pass, in any case."""
UNNAMED = ("label_0", "label_1")
"""The two labels of a model that names none: the second is taken for "supported", as MiniCheck has it."""
GRAPHS = tuple(f"{place}{name}.onnx" for name in ("model", "model_quantized", "model_int8") for place in ("", "onnx/"))
"""Where a folder may hold its graph; of several the first is run."""
THRESHOLD = 0.0
"""Where a model gives one score only: from here on it says yes. A sigmoid makes 0.5 of it."""

_Loaded = TypeVar("_Loaded")


class EntailmentModel:
    """A folder with an ONNX graph, or a CrossEncoder by name or folder, as in TRUE (Honovich et al. 2022).

    One of its labels says entailment, or it gives one score (factual consistency).
    """

    def __init__(self, name: str, threads: int = 0) -> None:
        """`threads` of ONNX Runtime's; 0 takes one for each core. Raises SettingsError, ExtraNotInstalledError."""
        graph = next((file for file in GRAPHS if Path(name, file).is_file()), None)
        self._model = _OnnxModel(name, graph, threads) if graph else _TorchModel(name)
        self._labels = self._model.labels
        self._entailed = _entailed(name, self._labels)

    def objection(self, sentence: str, texts: Sequence[str]) -> str:
        """ "" if the text that bears the sentence out best entails it, else "contradiction" or "neutral"."""
        scores = self._model.logits(sentence, texts)
        if not len(scores):
            return "neutral"
        if len(self._labels) == 1:
            return "" if scores.max() >= THRESHOLD else "neutral"
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = odds / odds.sum(axis=1, keepdims=True)
        label = int(shares[shares[:, self._entailed].argmax()].argmax())
        if label == self._entailed:
            return ""
        return "contradiction" if self._labels[label] == "contradiction" else "neutral"


class _OnnxModel:
    """A folder with a graph, `config.json` and `tokenizer.json`, as Optimum writes it; it takes no torch."""

    def __init__(self, name: str, graph: str, threads: int) -> None:
        self.labels, places, padding = _loaded(name, "config.json", _labels_places_padding)
        self._tokenizer = _loaded(name, "tokenizer.json", lambda path: Tokenizer.from_file(str(path)))
        self._session = _loaded(name, graph, lambda path: session(path, threads))
        try:
            length = self._session.get_inputs()[0].shape[-1]
            fixed = length if isinstance(length, int) else None
            self._places = fixed or places
            self._tokenizer.enable_truncation(self._places, strategy="only_first")
            self._tokenizer.enable_padding(length=fixed, pad_id=padding)
            given = self._run("a", "a").shape
        except Exception as error:  # ONNX Runtime's and the tokenizer's are of many undocumented kinds
            raise _refused(name, f"cannot be run ({_in_a_line(error)})") from error
        if given != (len(self.labels),):
            raise _refused(name, f"has {len(self.labels)} labels in config.json, and gives scores of shape {given}")

    def logits(self, sentence: str, texts: Sequence[str]) -> Floats:
        """(n_texts, n_labels), or (0, n_labels) where the sentence leaves no place for a text: texts only are cut."""
        own = sum(self._tokenizer.encode(sentence, add_special_tokens=False).attention_mask)
        if own + self._tokenizer.num_special_tokens_to_add(is_pair=True) >= self._places:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        # One by one: in a quantized graph the texts of a batch change each other's scores.
        return np.stack([self._run(text, sentence) for text in texts])

    def _run(self, text: str, sentence: str) -> Floats:
        """(n_labels,)"""
        pair = self._tokenizer.encode(text, sentence)
        columns = {"input_ids": pair.ids, "attention_mask": pair.attention_mask, "token_type_ids": pair.type_ids}
        feed = {taken.name: np.array([columns[taken.name]], dtype=np.int64) for taken in self._session.get_inputs()}
        return np.asarray(self._session.run(None, feed)[0][0], dtype=np.float32)


class _TorchModel:
    """sentence-transformers' CrossEncoder; it takes torch, and runs no code that comes with a model."""

    def __init__(self, name: str) -> None:
        with needs_extra("build", "CRPD_QA_SUPPORT_MODEL"):
            from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(name, device="cpu", trust_remote_code=False)
        except Exception as error:  # the libraries below raise a dozen kinds, for one reason: no such model
            raise _refused(name, f"cannot be loaded ({_in_a_line(error)})") from error
        config = self._model.config
        self.labels = [config.id2label[i].lower() for i in range(config.num_labels)]
        if not any(kind.endswith("ForSequenceClassification") for kind in config.architectures or []):
            raise _refused(name, "was not trained to judge pairs of texts")

    def logits(self, sentence: str, texts: Sequence[str]) -> Floats:
        """(n_texts, n_labels) before any softmax or sigmoid, whatever the model's own settings are."""
        from torch.nn import Identity

        pairs = [(text, sentence) for text in texts]
        found = self._model.predict(pairs, activation_fn=Identity(), show_progress_bar=False)
        return np.asarray(found, dtype=np.float32).reshape(len(pairs), -1)


def _entailed(name: str, labels: list[str]) -> int:
    """The place of the label that lets a sentence pass. Raises SettingsError."""
    if len(labels) == 1 or tuple(labels) == UNNAMED:
        return len(labels) - 1
    said = [place for place, label in enumerate(labels) if label in ENTAILED]
    if len(said) != 1:
        raise _refused(name, f"has the labels {', '.join(labels)}, of which not exactly one is {', '.join(ENTAILED)}")
    return said[0]


def _labels_places_padding(config: Path) -> tuple[list[str], int, int]:
    """Of a configuration of transformers', which does not write down two unnamed labels."""
    read = json.loads(config.read_text("utf-8"))
    labels = read.get("id2label") or dict(zip("01", UNNAMED, strict=True))
    # RoBERTa and its kin put nothing into the first two places.
    places = int(read.get("max_position_embeddings", 512)) - 2
    return [labels[str(place)].lower() for place in range(len(labels))], places, int(read.get("pad_token_id") or 0)


def _loaded(name: str, file: str, load: Callable[[Path], _Loaded]) -> _Loaded:
    """A file of the model's folder. Raises SettingsError."""
    if not Path(name, file).is_file():
        raise _refused(name, f"has an ONNX graph but no {file}")
    try:
        return load(Path(name, file))
    except Exception as error:  # the libraries raise their own, undocumented kinds
        raise _refused(name, f"has a {file} that cannot be read ({_in_a_line(error)})") from error


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _refused(name: str, problem: str) -> SettingsError:
    return SettingsError(
        f"the model {name!r} {problem}; give a model for natural language inference, by name or folder, "
        "in CRPD_QA_SUPPORT_MODEL (docs/verification.md names some), or leave it unset"
    )
