"""Questions in other languages: multilingual vectors, with the English signals of the words that can be translated.

The glossary's words for a question, its numbers and the names that it shares with the report make a question in
English of sorts; what the English encoder and BM25 find for it is added to what the multilingual model finds.
"""

import re
import time
import unicodedata
from functools import cache

import numpy as np

from crpd_qa.language import Language
from crpd_qa.library import Library
from crpd_qa.retrieve.glossary import report_words
from crpd_qa.retrieve.late_interaction import TokenMatches, token_weights
from crpd_qa.retrieve.query import Query
from crpd_qa.retrieve.ranking import BEST_LEXICAL, NEAREST_ROWS, Ranking
from crpd_qa.store.lexical import terms
from crpd_qa.store.protocol import Selected
from crpd_qa.store.tokens import content_mask

ASKED_WEIGHT = 3.0
LATE_WEIGHT = 0.1
ENGLISH_ASKED_WEIGHT = 0.05
LEXICAL_WEIGHT = 0.05
OWN_LEXICAL_WEIGHT = 0.1
"""What is added to the multilingual similarity of a paragraph; chosen on eval/dev.jsonl. Multilingual E5's cosines lie
close together (0.75 to 0.95), so these weigh more than they seem to."""

_CARRIED = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]{4,}")
_LATIN = {
    **dict(zip("абвгдеёзийклмнопрстуфыэқғүұөәіңһ", "abvgdeeziiklmnoprstufyekguuoainh", strict=True)),
    **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ь": "", "ю": "u", "я": "a"},
}
_SILENT = re.compile(r"[hyj’'-]")
MAX_ENDING = 3


def rank_multilingual(query: Query, library: Library, selection: Selected, *, minimum: int = 10) -> Ranking:
    """Rank at least `minimum` of the selected paragraphs for a question in any language (all, if there are fewer)."""
    store, space, encoder = library.store, library.multilingual_space, library.multilingual_encoder
    begun = time.perf_counter()
    # As a question and as what answers one, E5's two prefixes: it is compared with questions and with paragraphs.
    vector = encoder.query(query.searched) + encoder.passages([query.searched])[0]
    vector /= np.linalg.norm(vector)
    english = (
        query.searched if query.language == "en" else english_words(query.searched, query.language, library.vocabulary)
    )
    encoding = library.encoder.encode(english)
    encoding = encoding.keep(content_mask(english, encoding))
    encoded = time.perf_counter()
    words, own_words = terms(english), own_terms(query.searched, query.language)
    questions = library.have_questions(query.scope)
    rows = max(NEAREST_ROWS, 8 * minimum)
    found = [
        space.search(vector, rows, selection, asked=questions),
        store.space.search(encoding.vector, rows // 2, selection, asked=questions),
        store.lexical.search(words, BEST_LEXICAL, selection),
        store.lexical.search(own_words, BEST_LEXICAL, selection),
    ]
    positions = np.unique(np.concatenate(found))

    weights = token_weights(encoding, store.idf, np.ones(len(encoding.ids), dtype=np.float32))
    matches = TokenMatches.of(encoding, store, positions)
    late = matches.paragraphs(weights)
    dense, asked = space.similarity(vector, positions)
    lexical, own = (store.lexical.coverage(some, positions) for some in (words, own_words))
    score = dense + LATE_WEIGHT * late + LEXICAL_WEIGHT * lexical + OWN_LEXICAL_WEIGHT * own
    highest = 1 + LATE_WEIGHT + LEXICAL_WEIGHT + OWN_LEXICAL_WEIGHT
    if questions:
        _, english_asked = store.space.similarity(encoding.vector, positions)
        score += ASKED_WEIGHT * asked + ENGLISH_ASKED_WEIGHT * english_asked
        highest += ASKED_WEIGHT + ENGLISH_ASKED_WEIGHT
    return Ranking(
        question=english,
        language=query.language,
        library=library,
        words=words,
        encoding=encoding,
        positions=positions,
        score=score,
        late=late,
        dense=dense,
        asked=asked if questions else None,
        lexical=lexical,
        weights=weights,
        matches=matches,
        rows=np.arange(len(positions)),
        vector=vector,
        space=space,
        highest=highest,
        encode_ms=(encoded - begun) * 1000,
        retrieve_ms=(time.perf_counter() - encoded) * 1000,
    ).reordered(score)


def own_terms(question: str, language: Language) -> list[str]:
    """Stemmed words as they stand in documents of the question's own language; none of Kazakh, and of English."""
    return terms(question, language) if language in ("ru", "fr", "es") else []


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
