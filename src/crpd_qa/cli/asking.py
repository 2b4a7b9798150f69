"""Questions and paragraphs: ask, search, show, batch."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.table import Table
from rich.text import Text

from crpd_qa.cli.base import (
    EXIT_NO_ANSWER,
    ArticleOption,
    DocumentLanguageOption,
    DocumentOption,
    IndexOption,
    KindOption,
    StateOption,
    YearOption,
    app,
    begins,
    err,
    errors,
    open_assistant,
    out,
    progress_bar,
    scope_of,
)
from crpd_qa.documents.record import to_record
from crpd_qa.errors import CrpdQaError
from crpd_qa.language import LANGUAGES, Language
from crpd_qa.texts import texts

if TYPE_CHECKING:
    from crpd_qa.answer import Answer
    from crpd_qa.assistant import Assistant
    from crpd_qa.documents import Document, Paragraph


def _language(given: str) -> Language:
    for language in LANGUAGES:
        if language == given.strip().lower():
            return language
    raise typer.BadParameter(f"{given!r} is no language of questions; they can be in {', '.join(LANGUAGES)}")


@app.command(epilog='Example: [bold]crpd-qa ask "What share of the population has a disability?"[/]')
def ask(
    question: Annotated[str, typer.Argument(help="A question, or a place: “paragraph 107”, “article 24”.")],
    history: Annotated[
        list[str] | None, typer.Option("--history", help="An earlier question; give it again for more, oldest first.")
    ] = None,
    language: Annotated[
        Language | None,
        typer.Option(
            parser=_language,
            metavar=f"[{'|'.join(LANGUAGES)}]",
            help="Language of the question and of the words around the answer.",
            show_default="detected",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer record.")] = False,
    state: StateOption = None,
    kind: KindOption = None,
    article: ArticleOption = None,
    document: DocumentOption = None,
    document_language: DocumentLanguageOption = None,
    year: YearOption = "",
    index: IndexOption = None,
) -> None:
    """Answer one question. Exit code 1 if the report does not answer it."""
    with errors():
        assistant = open_assistant(index)
        scope = scope_of(state, kind, article, document, document_language, year, assistant.library)
        answer = assistant.ask(question, history or (), language=language, scope=scope)
        if as_json:
            out.out(orjson.dumps(answer.to_dict(), option=orjson.OPT_INDENT_2).decode(), highlight=False)
        else:
            _print_answer(answer, assistant)
    if not answer.answered:
        raise typer.Exit(EXIT_NO_ANSWER)


def _print_answer(answer: "Answer", assistant: "Assistant") -> None:
    from crpd_qa.answer.words import group_title, where_asked

    words = texts(answer.language, several=answer.several_documents)
    if answer.narrowed:
        out.print(Text(words["answer_looked_in"].format(where=where_asked(answer)), style="italic"))
    if not answer.statements:
        out.print(Text(answer.text))
        if answer.passages:
            out.print()
            out.print(Text(words["chat_closest"], style="italic"))
        for passage in answer.passages[:3]:
            _print_paragraph(assistant.paragraph(passage.label, passage.document), passage.document)
        _print_related(answer)
        return
    for number, group in enumerate(answer.groups or (None,)):
        own = [statement for statement in answer.statements if statement.group == number]
        if group:
            out.print(Text(group_title(group, answer.language), style="bold"))
            if not own:
                out.print(Text(words["answer_declined"]))
        for statement in own:
            out.print(Text.assemble(statement.text, (f" {answer.marker(statement)}", "bold cyan")))
    if answer.mode == "language-model":
        out.print()
        out.print(Text(words["widget_rests_on"], style="italic"))
        for citation in answer.citations:
            out.print(Text.assemble(citation.quote, (f" [{citation.label}]", "bold cyan")))
    out.print()
    for label, symbol, section in dict.fromkeys((c.label, c.document, c.section) for c in answer.citations):
        out.print(Text.assemble((f"[{label}]", "bold cyan"), f" {symbol}, para. {label} · {section}"))
    for part in answer.not_answered:
        out.print(Text(words["answer_not_answered"].format(part=part)))
    out.print(Text(answer.confidence_in_words(answer.language), style="italic"))
    _print_related(answer)
    if answer.notice:
        err.print(Text(answer.notice))


def _print_related(answer: "Answer") -> None:
    if answer.related:
        out.print()
        out.print(Text(texts(answer.language)["chat_related"], style="italic"))
    for question in answer.related:
        out.print(Text(f"  {question}"))


def _print_paragraph(paragraph: "Paragraph", symbol: str = "") -> None:
    out.print()
    where = f"{symbol}, para. {paragraph.label}" if symbol else paragraph.label
    out.print(Text(f"{where} · {paragraph.section.title}", style="bold cyan"))
    out.print(Text(paragraph.text))


@app.command(epilog='Example: [bold]crpd-qa search "sign language" --top 5[/]')
def search(
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    top: Annotated[int, typer.Option(min=1, max=500, help="How many paragraphs.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print numbers, scores and texts as JSON.")] = False,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            min=1, help="Print whole paragraphs for a language model's prompt, as many as fit so many tokens."
        ),
    ] = None,
    state: StateOption = None,
    kind: KindOption = None,
    article: ArticleOption = None,
    document: DocumentOption = None,
    document_language: DocumentLanguageOption = None,
    year: YearOption = "",
    index: IndexOption = None,
) -> None:
    """List the paragraphs nearest to a question, best first."""
    with errors():
        assistant = open_assistant(index)
        scope = scope_of(state, kind, article, document, document_language, year, assistant.library)
        passages = assistant.search(query, top, scope)
        if max_tokens is not None:
            context = assistant.context(query, max_tokens, scope)
            if passages and not context:
                raise CrpdQaError(f"the best paragraph has more than {max_tokens} tokens; give a larger --max-tokens")
            out.out(context, highlight=False)
        elif as_json:
            found = [{**asdict(p), "text": assistant.paragraph(p.label, p.document).text} for p in passages]
            out.out(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode(), highlight=False)
        else:
            table = Table("Document", "Para.", "Score", "Section", "Text", show_lines=True)
            for passage in passages:
                paragraph = assistant.paragraph(passage.label, passage.document)
                text = Text(paragraph.text)
                text.truncate(300, overflow="ellipsis")
                place = Text(paragraph.section.title)
                table.add_row(Text(passage.document), Text(passage.label), f"{passage.score:.2f}", place, text)
            out.print(table if passages else "Nothing was found.")
    if not passages:
        raise typer.Exit(EXIT_NO_ANSWER)


@app.command(
    epilog="Examples: [bold]crpd-qa show 107[/], [bold]crpd-qa show 105-110[/], [bold]crpd-qa show --article 24[/], "
    "[bold]crpd-qa show CRPD/C/KAZ/1 --json[/], [bold]crpd-qa show CRPD/C/KAZ/1#107[/]"
)
def show(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A paragraph's number or a range (105-110) of the library's first document, a document's symbol, or "
            "both: CRPD/C/KAZ/1#107."
        ),
    ] = None,
    article: Annotated[int | None, typer.Option(help="All paragraphs under an article of the Convention.")] = None,
    language: Annotated[str, typer.Option(help="Of the document, where it is there in several.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    index: IndexOption = None,
) -> None:
    """Print a document, or paragraphs of it by number or article."""
    with errors():
        if what is None and article is None:
            raise typer.BadParameter("give a paragraph's number, a range, a document's symbol, or --article")
        symbol, _, labels = (what or "").partition("#")
        if not labels and symbol[:1].isdecimal():
            symbol, labels = "", symbol
        if labels and article is not None:
            raise typer.BadParameter("give a paragraph's number or --article, not both")
        assistant = open_assistant(index)
        document = assistant.library.document(symbol, language) if symbol else assistant.document
        if article is not None:
            paragraphs = list(document.article(article))
            if not paragraphs:
                known = sorted({a for p in document for a in p.section.articles})
                raise CrpdQaError(
                    f"{document.symbol} has no section on article {article}; it has: {', '.join(map(str, known))}"
                )
        else:
            paragraphs = _named(document, labels) if labels else list(document)
        if as_json and not labels and article is None:
            out.out(orjson.dumps(to_record(document), option=orjson.OPT_INDENT_2).decode(), highlight=False)
        elif as_json:
            found = [
                {
                    "document": document.symbol,
                    "number": p.number,
                    "label": p.label,
                    "section": p.section.title,
                    "text": p.text,
                }
                for p in paragraphs
            ]
            out.out(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode(), highlight=False)
        else:
            for paragraph in paragraphs:
                _print_paragraph(paragraph)


def _named(document: "Document", labels: str) -> "list[Paragraph]":
    """The paragraphs of a label or a range of labels. Raises CrpdQaError or BadParameter."""
    whole = document.paragraph(labels)
    if whole:
        return [whole]
    first, _, last = labels.replace("–", "-").partition("-")
    order = [paragraph.label for paragraph in document]
    for label in (first.strip(), (last or first).strip()):
        if not label:
            raise typer.BadParameter(f"{labels!r} is no paragraph number, nor a range such as 105-110")
        if label not in order:
            raise CrpdQaError(
                f"{document.symbol} has no paragraph {label}: its paragraphs are {order[0]} to {order[-1]}"
            )
    start, end = order.index(first.strip()), order.index((last or first).strip())
    if end < start:
        raise typer.BadParameter(f"the range {labels} is empty: its end is before its start")
    return list(document.paragraphs[start : end + 1])


@app.command(epilog="Example: [bold]crpd-qa batch questions.csv --output answers.xlsx[/]")
def batch(
    questions: Annotated[
        Path,
        typer.Argument(
            help="CSV, TSV, XLSX or JSONL with a column “question” (“id”, “history” and “language” are used), or TXT "
            "with a question a line."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSONL, CSV or XLSX, by its ending.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a killed run stopped.")] = False,
    state: StateOption = None,
    kind: KindOption = None,
    article: ArticleOption = None,
    document: DocumentOption = None,
    document_language: DocumentLanguageOption = None,
    year: YearOption = "",
    index: IndexOption = None,
) -> None:
    """Answer a file of questions. Other columns are carried through; bad rows are named, the rest goes on."""
    with errors():
        from crpd_qa.batch import read_questions, run_batch

        asked = read_questions(questions)
        if asked.encoding:
            err.print(Text(f"{questions} is not UTF-8; it is read as {asked.encoding}."))
        assistant = open_assistant(index)
        begins("Answering questions", len(asked.rows))
        with progress_bar("questions") as progress:
            task = progress.add_task("Answering", total=len(asked.rows))
            report = run_batch(
                assistant,
                asked,
                output,
                scope=scope_of(state, kind, article, document, document_language, year, assistant.library),
                resume=resume,
                advance=lambda: progress.advance(task),
                bad_row=lambda number, reason: progress.console.print(
                    Text(f"{questions}, {asked.place(number)}: {reason}", style="red")
                ),
            )
        err.print(
            Text(
                f"{report.answered} answered, {report.declined} declined, {report.resumed} kept from the earlier run, "
                f"{len(report.bad_rows)} bad rows; written to {output}"
            )
        )
    if report.bad_rows:
        raise typer.Exit(EXIT_NO_ANSWER)
