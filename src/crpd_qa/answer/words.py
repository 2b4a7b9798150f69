"""What is said of an answer around its statements, in the asker's language."""

from crpd_qa.answer.record import Answer, Group
from crpd_qa.languages.states import state_name
from crpd_qa.texts import texts


def where_asked(answer: Answer) -> str:
    """The scope in words: "Kenya, concluding observations of the Committee"."""
    words, scope = texts(answer.language), answer.scope
    names = [state_name(code, answer.language) for code in scope.get("state", ())]
    names += [words[f"kind_{kind}"] for kind in scope.get("kind", ())]
    names += [words["scope_article"].format(number=number) for number in scope.get("article", ())]
    names += scope.get("document", [])
    return ", ".join(names)


def group_title(group: Group, language: str) -> str:
    """ "Kenya: The State reported" """
    parts = [state_name(group.state, language)] if group.state else []
    parts += [texts(language)[f"voice_{group.kind}"]] if group.kind else []
    return ": ".join(parts)
