"""Question -> ranked paragraphs, or the place in the report that it names."""

from crpd_qa.index import Index
from crpd_qa.retrieve.multilingual import rank_multilingual
from crpd_qa.retrieve.passage import Passage
from crpd_qa.retrieve.query import Query
from crpd_qa.retrieve.ranking import Ranking, merged_passages, rank_english
from crpd_qa.retrieve.structure import Place, locate

__all__ = ["Passage", "Place", "Query", "Ranking", "locate", "merged_passages", "rank"]


def rank(query: Query, index: Index, *, minimum: int = 10) -> Ranking:
    """Rank at least `minimum` paragraphs (all, if the report has fewer) by the signals of the question's language."""
    if query.language == "en" or index.multilingual is None:
        return rank_english(query, index, minimum=minimum)
    return rank_multilingual(query, index, index.multilingual, minimum=minimum)
