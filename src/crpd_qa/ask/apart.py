"""A question about several States -> what it asks of one of them: "How do Armenia define disability?"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from crpd_qa.ask.narrow import Narrowed
from crpd_qa.retrieve import Query
from crpd_qa.scope import Scope
from crpd_qa.store.lexical import terms

LINKING = 1
"""So many words between two names link them: "vs"."""
_BETWEEN = r"\W+(?:[^\W_]+\W+){0,4}?"
"""What may stand between two names that become one: "Armenia, and what does Chile"."""


def asked_of(group: Scope, query: Query, narrowed: Narrowed, named: Sequence[tuple[str, str]]) -> Query:
    """The query for one of the groups; `named` are the codes and names, as written, of the States that it names."""
    question = query.question
    mine = next((name for code, name in named if (code,) == group.state), "")
    if mine and any(code not in group.state for code, _ in named):
        names = "|".join(re.escape(name) for _, name in sorted(named, key=lambda own: -len(own[1])))
        question = re.sub(rf"(?<!\w)(?:{names})(?!\w)", lambda _: mine, question)
        for _ in named[1:]:
            question = re.sub(
                rf"(?<!\w){re.escape(mine)}(?P<between>{_BETWEEN}){re.escape(mine)}(?!\w)",
                lambda pair: mine if len(pair["between"].split()) <= LINKING or not terms(pair["between"]) else pair[0],
                question,
            )
    return replace(query, question=question, scope=group, names=(*query.names, *narrowed.not_searched(group)))
