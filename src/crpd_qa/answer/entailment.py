"""Whether a text entails a sentence: a model trained for that question, for those who name one; it takes torch."""

from collections.abc import Sequence

import numpy as np

from crpd_qa.encode import Floats
from crpd_qa.errors import SettingsError
from crpd_qa.extras import needs_extra

THRESHOLD = 0.5
"""Where a model gives one score only: from here on it says yes."""


class EntailmentModel:
    """sentence-transformers' CrossEncoder by name or folder, as in TRUE (Honovich et al. 2022).

    It has a label "entailment" among others (natural language inference), or one score (factual consistency).
    """

    def __init__(self, name: str) -> None:
        """Raises SettingsError, ExtraNotInstalledError."""
        with needs_extra("build", "CRPD_QA_SUPPORT_MODEL"):
            from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(name, device="cpu")
        except Exception as error:  # the libraries below raise a dozen kinds, for one reason: no such model
            raise _refused(name, f"cannot be loaded ({str(error).splitlines()[0]})") from error
        config = self._model.config
        self._labels = [config.id2label[i].lower() for i in range(config.num_labels)]
        if not any(kind.endswith("ForSequenceClassification") for kind in config.architectures or []):
            raise _refused(name, "was not trained to judge pairs of texts")
        if len(self._labels) > 1 and self._labels.count("entailment") != 1:
            raise _refused(name, f'has the labels {", ".join(self._labels)}, none of them "entailment"')

    def objection(self, sentence: str, texts: Sequence[str]) -> str:
        """ "" if the text that bears the sentence out best entails it, else "contradiction" or "neutral"."""
        scores = self._logits([(text, sentence) for text in texts])
        if len(self._labels) == 1:
            return "" if 1 / (1 + np.exp(-scores.max())) >= THRESHOLD else "neutral"
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = odds / odds.sum(axis=1, keepdims=True)
        best = shares[shares[:, self._labels.index("entailment")].argmax()]
        label = self._labels[int(best.argmax())]
        return "" if label == "entailment" else "contradiction" if label == "contradiction" else "neutral"

    def _logits(self, pairs: list[tuple[str, str]]) -> Floats:
        """(n_pairs, n_labels) before any softmax or sigmoid, whatever the model's own settings are."""
        from torch.nn import Identity

        found = self._model.predict(pairs, activation_fn=Identity(), show_progress_bar=False)
        return np.asarray(found, dtype=np.float32).reshape(len(pairs), -1)


def _refused(name: str, problem: str) -> SettingsError:
    return SettingsError(
        f"the model {name!r} {problem}; give a sentence-transformers CrossEncoder for natural language inference, "
        "by name or folder, in CRPD_QA_SUPPORT_MODEL, or leave it unset"
    )
