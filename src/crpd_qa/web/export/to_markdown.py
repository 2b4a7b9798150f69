"""An outline as Markdown with footnotes. Whatever a person or a document wrote stays text: nothing of it is markup."""

import re

from crpd_qa.web.export.outline import Outline, Sentence

_MARKUP = re.compile(r"([\\`*_\[\]<>&|~$#])")
_AT_START = re.compile(r"^([ \t]*)([-+=]|\d+(?=[.)]))", re.MULTILINE)


def to_markdown(outline: Outline) -> str:
    """CommonMark; the footnotes are those of GitHub, Pandoc and most others."""
    notes: list[str] = []

    def marked(sentence: Sentence) -> str:
        first = len(notes) + 1
        notes.extend(sentence.notes)
        return escaped(sentence.text) + "".join(f"[^{number}]" for number in range(first, len(notes) + 1))

    blocks = [f"# {escaped(outline.title)}", escaped(outline.made), *map(escaped, outline.remarks)]
    for answer in outline.answers:
        blocks.append(f"## {in_one_line(answer.question)}")
        for section in answer.sections:
            if section.heading:
                blocks.append(f"### {in_one_line(section.heading)}")
            blocks += map(marked, section.sentences)
        blocks += [f"*{in_one_line(remark)}*" for remark in answer.remarks if remark]
    if outline.documents:
        listed = "\n".join(f"- {in_one_line(document)}" for document in outline.documents)
        blocks += [f"## {escaped(outline.documents_title)}", listed]
    blocks += [f"[^{number}]: {in_one_line(note)}." for number, note in enumerate(notes, start=1)]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """As paragraphs' text, its lines kept."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return _AT_START.sub(_start, _MARKUP.sub(r"\\\1", "\n".join(lines))).replace("\n", "\\\n")


def in_one_line(text: str) -> str:
    """As text of a heading, an entry of a list or a note."""
    return escaped(" ".join(text.split()))


def _start(match: re.Match[str]) -> str:
    space, first = match.groups()
    # A number is no list if its full stop is escaped; digits themselves cannot be.
    return f"{space}\\{first}" if not first.isdigit() else f"{space}{first}\\"
