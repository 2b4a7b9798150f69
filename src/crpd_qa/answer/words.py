"""What is said of an answer around its statements, in the asker's language."""

from collections.abc import Sequence

from babel import Locale

from crpd_qa.answer.record import Answer, Group
from crpd_qa.languages.states import state_name
from crpd_qa.scope import FIRST_YEAR, LAST_YEAR
from crpd_qa.texts import texts


def where_asked(answer: Answer, language: str = "") -> str:
    """The scope in words: "Kenya, concluding observations of the Committee"; in the answer's language or in another."""
    language = language or answer.language
    words, scope = texts(language), answer.scope
    names = [state_name(code, language) for code in scope.get("state", ())]
    names += [words[key_of("kind", kind)] for kind in scope.get("kind", ())]
    names += [words["scope_article"].format(number=number) for number in scope.get("article", ())]
    names += scope.get("document", [])
    names += [str(Locale(language).languages.get(code, code)) for code in scope.get("document_language", ())]
    names += [_years(scope["year"])] if scope.get("year") else []
    return ", ".join(names)


def _years(years: Sequence[int]) -> str:
    """ "2015–2018", "2015", and with an open end "2015–"."""
    return "–".join(dict.fromkeys("" if year in (FIRST_YEAR, LAST_YEAR) else str(year) for year in years))


def key_of(what: str, kind: str) -> str:
    """Of a text in the catalogues: "voice", "state-report" -> "voice_state_report"."""
    return f"{what}_{kind.replace('-', '_')}"


def group_title(group: Group, language: str) -> str:
    """ "Kenya: The State reported" """
    parts = [state_name(group.state, language)] if group.state else []
    parts += [texts(language)[key_of("voice", group.kind)]] if group.kind else []
    return ": ".join(parts)
