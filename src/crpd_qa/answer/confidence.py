"""What tells a question that the report answers from one that it does not."""

import re

from crpd_qa.answer.models import AnswerModels
from crpd_qa.answer.question_type import QuestionType
from crpd_qa.answer.sentences import Rated
from crpd_qa.language import LANGUAGES
from crpd_qa.retrieve.query import Query
from crpd_qa.retrieve.ranking import Ranking
from crpd_qa.store.lexical import terms

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]\w+")  # acronyms are no names: people write TV where the report does not


VOTE_WIDTH = 0.01
"""Of the kernel in multilingual E5's space, where a question's nearest have cosines of 0.85 to 0.95."""
HELP_SIMILARITY = {"en": (0.45, 0.75), "other": (0.92, 0.95)}
"""A message that is less like any example of those answered with help is none; by the space of its vector.

The second where it may go on with the message before it."""
HELP_LEAD = {"en": 0.05, "other": 0.0}
"""So much nearer than any other example it must be: what the report may answer is looked for."""
MAX_HELP_WORDS = 15
ON_TOPIC = 0.6
"""From this probability on, a question counts as one about the report's subject."""


def confidence(ranking: Ranking, kind: QuestionType, parts: list[Rated], models: AnswerModels) -> float:
    """Probability that the best sentence stands in a right paragraph; little for what is off the report's subject."""
    return on_topic(models.topic.probability(topic_features(ranking))) * models.paragraph.probability(
        paragraph_features(ranking, kind, parts)
    )


def on_topic(probability: float) -> float:
    """A gate: 1 from ON_TOPIC on, so that close questions are told apart by their paragraph alone; steep below."""
    return min(1.0, probability / ON_TOPIC) ** 2


def asks_for_help(query: Query, ranking: Ranking, goes_on: bool = False) -> bool:
    """Whether a message asks nothing of the report, as the nearest example of any kind tells.

    One that may go on with the message before it must be nearly the same as an example: "where is it?" is no "what is
    it?".
    """
    if len(query.text.split()) > MAX_HELP_WORDS or query.language != ranking.language:
        return False  # an encoder for English makes nothing of other languages
    space, vector = ranking.space, ranking.vector
    nearest = space.help(vector)
    asked = () if ranking.asked is None else (float(ranking.asked.max()),)
    others = (*asked, float(ranking.dense.max()), space.unanswered(vector), space.off_topic(vector))
    kind = "en" if ranking.language == "en" else "other"
    likely, sure = HELP_SIMILARITY[kind]
    return bool(nearest > max(sure if goes_on else likely, *(other + HELP_LEAD[kind] for other in others)))


def topic_features(ranking: Ranking) -> dict[str, float]:
    """How near a question is to the report and to questions about it, and how near to what no report answers."""
    return {
        "dense": float(ranking.dense.max()),
        "late": float(ranking.late.max()),
        "off_topic": ranking.space.off_topic(ranking.vector),
        "words_not_in_report": words_not_in_documents(ranking),
        **(
            {}
            if ranking.asked is None
            else {"nearest_question": max(float(ranking.asked.max()), ranking.space.unanswered(ranking.vector))}
        ),
    }


def words_not_in_documents(ranking: Ranking) -> float:
    """The share of a question's words, by their rarity, that no document has."""
    lexical = ranking.library.store.lexical
    rarity = {word: lexical.idf(word) for word in set(ranking.words)}
    return sum(idf for word, idf in rarity.items() if word not in lexical) / (sum(rarity.values()) or 1.0)


def paragraph_features(ranking: Ranking, kind: QuestionType, parts: list[Rated]) -> dict[str, float]:
    """Of the best paragraph, of its lead over the others, and of what in the question it leaves unmatched."""
    paragraph = ranking.paragraph(0)
    matches = ranking.sentence_matches(0)
    sentence = paragraph.text[slice(*paragraph.sentences[int((matches @ ranking.weights).argmax())])]
    best_matches = matches.max(axis=0)
    weights = kind.content_weights(ranking.encoding, ranking.weights)
    best = {sentence.position: sentence.paragraph for part in parts for _, sentence in part[:1]}
    text = " ".join(f"{p.section.title} {p.text}" for p in (paragraph, *best.values()))
    names = set(terms(" ".join(_NAME.findall(ranking.question))))
    scores = ranking.score
    likely = sorted((probability for part in parts for probability, _ in part[:2]), reverse=True)
    return {
        "score": float(scores[0]),
        "late": float(ranking.late[0]),
        "best_sentence": likely[0],
        "second_best_sentence": likely[min(1, len(likely) - 1)],
        "lead_over_second": float(scores[0] - scores[min(1, len(ranking) - 1)]),
        "lead_over_fifth": float(scores[0] - scores[min(4, len(ranking) - 1)]),
        "worst_token_match": float(best_matches[weights > 0].min(initial=1.0)),
        "largest_share_unmatched": float((weights * (1 - best_matches)).max(initial=0.0)),
        "year_not_in_paragraph": float(any(year not in text for year in _YEAR.findall(ranking.question))),
        "name_not_in_paragraph": float(bool(names) and not names <= set(terms(text))),
        "name_not_in_report": float(not ranking.library.store.lexical.knows(names)),
        **kind.met_by(sentence),
        **_question_features(ranking),
        **_language_features(ranking),
    }


def _question_features(ranking: Ranking) -> dict[str, float]:
    """Of the written questions near this one; none where a document is asked that has none."""
    if ranking.asked is None:
        return {}
    unanswered = ranking.space.unanswered(ranking.vector)
    return {
        "asked": float(ranking.asked[0]),
        "nearest_unanswered": unanswered,
        "asked_over_unanswered": float(ranking.asked.max()) - unanswered,
        "odds": ranking.space.answered_odds(ranking.vector, VOTE_WIDTH),
    }


def _language_features(ranking: Ranking) -> dict[str, float]:
    """Vectors of some languages lie closer together than those of others, so each language has its own intercept."""
    return {f"in_{language}": float(ranking.language == language) for language in LANGUAGES if language != "en"}
