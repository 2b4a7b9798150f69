"""What is said of an answer around its statements, in the asker's language."""

from babel import Locale

from crpd_qa.answer.record import Answer, Group
from crpd_qa.languages.states import state_name
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
    names += ["–".join(dict.fromkeys(map(str, scope["year"])))] if scope.get("year") else []
    return ", ".join(names)


def key_of(what: str, kind: str) -> str:
    """Of a text in the catalogues: "voice", "state-report" -> "voice_state_report"."""
    return f"{what}_{kind.replace('-', '_')}"


def group_title(group: Group, language: str) -> str:
    """ "Kenya: The State reported" """
    parts = [state_name(group.state, language)] if group.state else []
    parts += [texts(language)[key_of("voice", group.kind)]] if group.kind else []
    return ": ".join(parts)
