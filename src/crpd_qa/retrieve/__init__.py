"""Question -> ranked paragraphs, or the place in the report that it names."""

from crpd_qa.retrieve.passage import Passage
from crpd_qa.retrieve.query import Query
from crpd_qa.retrieve.ranking import Ranking, merged_passages, rank
from crpd_qa.retrieve.structure import Place, locate

__all__ = ["Passage", "Place", "Query", "Ranking", "locate", "merged_passages", "rank"]
