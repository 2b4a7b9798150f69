"""Question -> ranked paragraphs, or the place in a document that it names."""

from crpd_qa.library import Library
from crpd_qa.retrieve.multilingual import rank_multilingual
from crpd_qa.retrieve.passage import Passage
from crpd_qa.retrieve.query import Query
from crpd_qa.retrieve.ranking import Ranking, merged_passages, rank_english
from crpd_qa.retrieve.structure import Place, locate

__all__ = ["Passage", "Place", "Query", "Ranking", "locate", "merged_passages", "rank"]


def rank(query: Query, library: Library, *, minimum: int = 10) -> Ranking:
    """Rank at least `minimum` paragraphs of the query's scope (all, if it has fewer).

    By the signals of the language: English questions over documents in English have more of them. What documents of
    one State and kind say nearly alike is taken from the newest. The scope must hold a paragraph.
    """
    selection = library.store.select(query.scope)
    if library.needs_multilingual(query.language, query.scope):
        return rank_multilingual(query, library, selection, minimum=minimum).newest_first()
    return rank_english(query, library, selection, minimum=minimum).newest_first()
