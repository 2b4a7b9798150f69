"""Text -> one pooled vector and one vector a token, from one forward pass through ONNX Runtime.

Nothing here imports torch: answering a question must not (it takes seconds). `encode/export.py` makes the files.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from crpd_qa.encode.session import session
from crpd_qa.errors import IndexDamagedError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoding:
    """One text's vectors, all of unit length. Special tokens ([CLS], [SEP]) are left out of the token arrays."""

    vector: Floats
    """(dim,) pooled as the sentence-transformers model pools."""
    tokens: Floats
    """(n_tokens, dim) last hidden states."""
    ids: Ints
    """(n_tokens,) word-piece ids."""
    spans: Ints
    """(n_tokens, 2) character [start, end) of each token in the text."""

    def keep(self, mask: npt.NDArray[np.bool_]) -> "Encoding":
        """The same text with some of its tokens. `mask` (n_tokens,)."""
        return Encoding(self.vector, self.tokens[mask], self.ids[mask], self.spans[mask])


class Encoder:
    """The exported sentence-transformers model in a folder (`encoder.onnx`, `tokenizer.json`)."""

    def __init__(self, folder: str | Path, *, threads: int = 0) -> None:
        """`threads` 0 takes one for each physical core. Raises IndexDamagedError."""
        folder = Path(folder)
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = session(folder / "encoder.onnx", threads)
        except Exception as error:  # both libraries raise their own, undocumented kinds
            raise IndexDamagedError(
                f"the encoder in {folder} cannot be loaded ({error}); build it again: crpd-qa index"
            ) from error
        self._inputs = [i.name for i in self._session.get_inputs()]

    @property
    def vocabulary(self) -> int:
        """Number of word pieces."""
        return int(self._tokenizer.get_vocab_size())

    def encode(self, text: str) -> Encoding:
        """Encode one text. What goes beyond the model's length is cut off."""
        encoded = self._tokenizer.encode(text)
        columns = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        feed = {name: np.array([columns[name]], dtype=np.int64) for name in self._inputs}
        vectors, tokens = self._session.run(None, feed)
        content = np.array(encoded.special_tokens_mask) == 0
        return Encoding(
            vector=vectors[0],
            tokens=tokens[0][content],
            ids=np.array(encoded.ids, dtype=np.int64)[content],
            spans=np.array(encoded.offsets, dtype=np.int64).reshape(-1, 2)[content],
        )
