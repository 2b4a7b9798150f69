"""A scope -> an expression of Milvus. Whatever a value holds, it stays a value."""

import json
from collections.abc import Iterable

import numpy as np

from crpd_qa.scope import Scope
from crpd_qa.store.segment import Articles, article_bits


def expression(scope: Scope, articles: Articles) -> str:
    """What Milvus is to narrow by, or "" for all. `articles`: the bits of all paragraphs, see `article_bits`.

    Milvus Lite has no index on lists, but on numbers: a paragraph is under an article if its bits are one of those that
    are.
    """
    wanted = article_bits(scope.article)
    under = [bits for bits in np.unique(articles).tolist() if bits & wanted] if wanted else []
    return both(
        among("state", scope.state),
        among("kind", scope.kind),
        among("document", (symbol.strip().upper() for symbol in scope.document)),
        among("language", scope.document_language),
        f"articles in {under}" if scope.article else "",
        f"year >= {int(scope.year[0])} and year <= {int(scope.year[-1])}" if scope.year else "",
    )


def both(*expressions: str | None) -> str:
    """What all of them allow; "" and None allow everything."""
    return " and ".join(f"({one})" for one in expressions if one)


def among(field: str, values: Iterable[str]) -> str:
    """Rows whose field is one of some values; "" where none is given, nothing where none can be one."""
    given = list(values)
    # What is not printable is no value of any row, and Milvus Lite reads no escapes for it.
    return f"{field} in [{', '.join(_quoted(one) for one in given if one.isprintable())}]" if given else ""


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
