"""Questions in other languages: multilingual vectors, with the English signals of the words that can be translated.

The glossary's words for a question, its numbers and the names that it shares with the report make a question in
English of sorts; what the English encoder and BM25 find for it is added to what the multilingual model finds.
"""

import re
import time
import unicodedata
from functools import cache

import numpy as np

from crpd_qa.index import Index
from crpd_qa.index.lexical import terms
from crpd_qa.index.multilingual import MultilingualIndex
from crpd_qa.index.tokens import content_mask
from crpd_qa.retrieve.glossary import report_words
from crpd_qa.retrieve.late_interaction import TokenMatches, token_weights
from crpd_qa.retrieve.query import Query
from crpd_qa.retrieve.ranking import NEAREST_ROWS, Ranking, best_lexical

ASKED_WEIGHT = 3.0
LATE_WEIGHT = 0.1
ENGLISH_ASKED_WEIGHT = 0.05
LEXICAL_WEIGHT = 0.05
"""What is added to the multilingual similarity of a paragraph; chosen on eval/dev.jsonl. Multilingual E5's cosines lie
close together (0.75 to 0.95), so these weigh more than they seem to."""

_CARRIED = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]{4,}")
_LATIN = {
    **dict(zip("абвгдеёзийклмнопрстуфыэқғүұөәіңһ", "abvgdeeziiklmnoprstufyekguuoainh", strict=True)),
    **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ь": "", "ю": "u", "я": "a"},
}
_SILENT = re.compile(r"[hyj’'-]")
MAX_ENDING = 3


def rank_multilingual(query: Query, index: Index, space: MultilingualIndex, *, minimum: int = 10) -> Ranking:
    """Rank at least `minimum` paragraphs for a question in any language (all, if the report has fewer)."""
    begun = time.perf_counter()
    # As a question and as what answers one, E5's two prefixes: it is compared with questions and with paragraphs.
    vector = space.encoder.query(query.text) + space.encoder.passages([query.text])[0]
    vector /= np.linalg.norm(vector)
    english = english_words(query.text, query.language, index.lexical.vocabulary)
    encoding = index.encoder.encode(english)
    encoding = encoding.keep(content_mask(english, encoding))
    encoded = time.perf_counter()
    bm25 = index.lexical.coverage(terms(english))
    rows = max(NEAREST_ROWS, 8 * minimum)
    found = [
        space.dense.search(vector, rows),
        index.dense.search(encoding.vector, rows // 2),
        best_lexical(bm25),
    ]
    positions = np.unique(np.concatenate(found))

    weights = token_weights(encoding, index.tokens.idf, np.ones(len(encoding.ids), dtype=np.float32))
    matches = TokenMatches.of(encoding, index.tokens, positions)
    late = matches.paragraphs(weights)
    dense, asked = space.dense.similarity(vector, positions)
    _, english_asked = index.dense.similarity(encoding.vector, positions)
    lexical = bm25[positions]
    score = (
        dense
        + ASKED_WEIGHT * asked
        + LATE_WEIGHT * late
        + ENGLISH_ASKED_WEIGHT * english_asked
        + LEXICAL_WEIGHT * lexical
    )
    return Ranking(
        question=english,
        language=query.language,
        document=index.document,
        words=terms(english),
        encoding=encoding,
        positions=positions,
        score=score,
        late=late,
        dense=dense,
        asked=asked,
        lexical=lexical,
        weights=weights,
        matches=matches,
        rows=np.arange(len(positions)),
        vector=vector,
        space=space.dense,
        highest=1 + ASKED_WEIGHT + LATE_WEIGHT + ENGLISH_ASKED_WEIGHT + LEXICAL_WEIGHT,
        encode_ms=(encoded - begun) * 1000,
        retrieve_ms=(time.perf_counter() - encoded) * 1000,
    ).reordered(score)


def english_words(question: str, language: str, vocabulary: frozenset[str]) -> str:
    """The glossary's words for a question, and its numbers, names and foreign words that the report has too."""
    sounds = _sounds(vocabulary)
    carried = []
    for word in _CARRIED.findall(question):
        if word[0].isdigit():
            carried.append(word)
        elif not (word.isascii() and word.islower()):  # in French and Spanish, names only
            sound = _sound(word)
            endings = range(len(sound), max(len(sound) - MAX_ENDING, 3), -1)
            carried += [sounds[sound[:end]] for end in endings if sound[:end] in sounds][:1]
    return " ".join(dict.fromkeys([*report_words(question, language), *carried]))


@cache
def _sounds(vocabulary: frozenset[str]) -> dict[str, str]:
    return {sound: word for word in sorted(vocabulary) if len(sound := _sound(word)) > 3}


def _sound(word: str) -> str:
    """A spelling that names share in both alphabets: "Шырақ" and "Shyrak" are "srak"."""
    latin = "".join(_LATIN.get(letter, letter) for letter in word.lower())
    plain = "".join(c for c in unicodedata.normalize("NFD", latin) if not unicodedata.combining(c))
    return _SILENT.sub("", plain)
