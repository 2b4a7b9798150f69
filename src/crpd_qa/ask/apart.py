"""A question about several States -> what it asks of one of them: "How do Armenia define disability?"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from crpd_qa.answer.parts import SELF_CONTAINED, meaning
from crpd_qa.ask.narrow import Narrowed
from crpd_qa.ask.voices import clauses, clauses_of, joined
from crpd_qa.retrieve import Query
from crpd_qa.scope import Scope
from crpd_qa.store.lexical import terms

LINKING = 1
"""So many words between two names link them: "vs"."""
_BETWEEN = r"\W+(?:[^\W_]+\W+){0,4}?"
"""What may stand between two names that become one: "Armenia, and what does Chile"."""


def asked_of(group: Scope, query: Query, narrowed: Narrowed, named: Sequence[tuple[str, str]]) -> list[Query]:
    """The query for one of the groups, and that of the clauses which are about it alone, if these say what is asked.

    `named` are the codes and names, as written, of the States that it names.
    """
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
    own = _clauses_about(group, query, narrowed, named)
    not_searched = (*query.names, *narrowed.not_searched(group))
    return [replace(query, question=asked, scope=group, names=not_searched) for asked in (question, own) if asked]


def _clauses_about(group: Scope, query: Query, narrowed: Narrowed, named: Sequence[tuple[str, str]]) -> str:
    """What a question asks of one of its States and voices alone; "" where that is too little to be looked for."""
    question = query.question
    own = everything = clauses(question, query.language)
    if narrowed.spoken:
        own = clauses_of(group.kind[0], own, question, query.language)
    if len(group.state) == 1:
        mine, others = ([name for code, name in named if (code in group.state) == is_own] for is_own in (True, False))
        said = {clause: question[clause.start : clause.end] for clause in own}
        own = [c for c in own if any(name in said[c] for name in mine) or not any(name in said[c] for name in others)]
    text = joined(own, question)
    known = {name for _, name in named}.union(*narrowed.spoken.values())
    telling = meaning(text, query.language) - meaning(" ".join(known), query.language)
    return text if len(own) < len(everything) and len(telling) >= SELF_CONTAINED else ""
