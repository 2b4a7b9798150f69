"""The command line: each command is a few lines over the Python API."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from crpd_qa.errors import CrpdQaError, SettingsError
from crpd_qa.language import Language
from crpd_qa.settings import settings
from crpd_qa.texts import texts

if TYPE_CHECKING:
    from crpd_qa.answer import Answer
    from crpd_qa.assistant import Assistant
    from crpd_qa.document import Paragraph

EXIT_NO_ANSWER = 1
EXIT_ERROR = 2


class EvalMode(StrEnum):
    """What `crpd-qa eval` asks."""

    EXTRACT = "extract"
    LANGUAGE_MODEL = "language-model"


app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Ask a State's report under the Convention on the Rights of Persons with Disabilities.\n\n"
    "Answers are sentences of the report, word for word, each with its paragraph's number. "
    "Exit codes: [bold]0[/] done or answered, [bold]1[/] the report does not answer (or some rows were bad), "
    "[bold]2[/] an error or wrong usage.",
)
# A quotation that goes to a file or a pipe is not broken into lines.
out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False)

IndexOption = Annotated[
    Path | None,
    typer.Option("--index", help="Folder of the index.", show_default="CRPD_QA_INDEX, or index/CRPD-C-KAZ-1"),
]


@contextmanager
def _errors() -> Iterator[None]:
    """What a person can mend is one line and exit code 2, never a traceback."""
    try:
        yield
    except CrpdQaError as error:
        err.print(Text(f"Error: {error}", style="red"), soft_wrap=True)
        raise typer.Exit(EXIT_ERROR) from None
    except KeyboardInterrupt:
        err.print("Interrupted.")
        raise typer.Exit(130) from None


def _progress(unit: str = "") -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        console=err,
    )


def _open(folder: Path | None, *, extract_only: bool = False) -> "Assistant":
    from crpd_qa.assistant import Assistant

    return Assistant.open(folder, extract_only=extract_only)


@app.command(epilog='Example: [bold]crpd-qa ask "What share of the population has a disability?"[/]')
def ask(
    question: Annotated[str, typer.Argument(help="A question, or a place: “paragraph 107”, “article 24”.")],
    history: Annotated[
        list[str] | None, typer.Option("--history", help="An earlier question; give it again for more, oldest first.")
    ] = None,
    language: Annotated[
        Language | None,
        typer.Option(help="Language of the question and of the words around the answer.", show_default="detected"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer record.")] = False,
    index: IndexOption = None,
) -> None:
    """Answer one question. Exit code 1 if the report does not answer it."""
    with _errors():
        assistant = _open(index)
        answer = assistant.ask(question, history or (), language=language)
        if as_json:
            out.out(orjson.dumps(answer.to_dict(), option=orjson.OPT_INDENT_2).decode(), highlight=False)
        else:
            _print_answer(answer, assistant)
    if not answer.answered:
        raise typer.Exit(EXIT_NO_ANSWER)


def _print_answer(answer: "Answer", assistant: "Assistant") -> None:
    from crpd_qa.answer.record import labels

    if not answer.statements:
        out.print(Text(answer.text))
        if answer.passages:
            out.print()
            out.print(Text(texts(answer.language)["chat_closest"], style="italic"))
        for passage in answer.passages[:3]:
            _print_paragraph(assistant.paragraph(passage.number))
        _print_related(answer)
        return
    for statement in answer.statements:
        out.print(Text.assemble(statement.text, (f" [{', '.join(labels(statement.citations))}]", "bold cyan")))
    if answer.mode == "language-model":
        out.print()
        out.print(Text(texts(answer.language)["widget_rests_on"], style="italic"))
        for citation in answer.citations:
            out.print(Text.assemble(citation.quote, (f" [{citation.label}]", "bold cyan")))
    out.print()
    for label, symbol, section in dict.fromkeys((c.label, c.document, c.section) for c in answer.citations):
        out.print(Text.assemble((f"[{label}]", "bold cyan"), f" {symbol}, para. {label} · {section}"))
    for part in answer.not_answered:
        out.print(Text(texts(answer.language)["answer_not_answered"].format(part=part)))
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


def _print_paragraph(paragraph: "Paragraph") -> None:
    out.print()
    out.print(Text(f"{paragraph.number} · {paragraph.section.heading}", style="bold cyan"))
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
    index: IndexOption = None,
) -> None:
    """List the paragraphs nearest to a question, best first."""
    with _errors():
        assistant = _open(index)
        passages = assistant.search(query, top)
        if max_tokens is not None:
            context = assistant.context(query, max_tokens)
            if passages and not context:
                raise CrpdQaError(f"the best paragraph has more than {max_tokens} tokens; give a larger --max-tokens")
            out.out(context, highlight=False)
        elif as_json:
            found = [
                {"number": p.number, "score": p.score, "text": assistant.paragraph(p.number).text} for p in passages
            ]
            out.out(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode(), highlight=False)
        else:
            table = Table("Para.", "Score", "Section", "Text", show_lines=True)
            for passage in passages:
                paragraph = assistant.paragraph(passage.number)
                text = Text(paragraph.text)
                text.truncate(300, overflow="ellipsis")
                table.add_row(str(passage.number), f"{passage.score:.2f}", Text(paragraph.section.heading), text)
            out.print(table if passages else "Nothing was found.")
    if not passages:
        raise typer.Exit(EXIT_NO_ANSWER)


@app.command(
    epilog="Examples: [bold]crpd-qa show 107[/], [bold]crpd-qa show 105-110[/], [bold]crpd-qa show --article 24[/]"
)
def show(
    numbers: Annotated[str | None, typer.Argument(help="A paragraph's number, or a range: 105-110.")] = None,
    article: Annotated[int | None, typer.Option(help="All paragraphs under an article of the Convention.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    index: IndexOption = None,
) -> None:
    """Print paragraphs of the report by number or article."""
    with _errors():
        if (numbers is None) == (article is None):
            raise typer.BadParameter("give a paragraph's number, a range, or --article")
        assistant = _open(index)
        if article is not None:
            wanted = assistant.document.article(article)
            if not wanted:
                raise CrpdQaError(f"the report has no article {article}; its articles are 1 to 33")
        else:
            first, _, last = str(numbers).replace("–", "-").partition("-")
            if not all(end.strip().isdecimal() and len(end) < 20 for end in (first, last or first)):
                raise typer.BadParameter(f"{numbers!r} is no paragraph number, nor a range such as 105-110")
            if int(last or first) - int(first) > len(assistant.document):
                raise CrpdQaError(f"the report's paragraphs are numbered 1 to {len(assistant.document)}")
            wanted = tuple(range(int(first), int(last or first) + 1))
            if not wanted:
                raise typer.BadParameter(f"the range {numbers} is empty: its end is before its start")
        paragraphs = [assistant.paragraph(number) for number in wanted]
        if as_json:
            found = [{"number": p.number, "section": p.section.heading, "text": p.text} for p in paragraphs]
            out.out(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode(), highlight=False)
        else:
            for paragraph in paragraphs:
                _print_paragraph(paragraph)


@app.command("index", epilog="Example: [bold]crpd-qa index --document REPORT.txt --output index/REPORT[/]")
def index_command(
    document: Annotated[
        Path | None, typer.Option(help="The report's text file (UTF-8).", show_default="the bundled report")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder of the index.", show_default="CRPD_QA_INDEX, or index/CRPD-C-KAZ-1")
    ] = None,
    if_stale: Annotated[bool, typer.Option("--if-stale", help="Do nothing if the index is up to date.")] = False,
    expand: Annotated[
        bool,
        typer.Option(
            "--expand",
            help="First have the language model write the questions that each paragraph answers, into the file "
            "beside the report; what is there stays, and a stopped run goes on.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the language model is used.")] = False,
) -> None:
    """Build the index: export the encoder, embed paragraphs, verify. An old index stays until the new one is whole."""
    with _errors():
        if expand:
            _expand(document or settings().document, yes=yes)
        _build(document, output, if_stale=if_stale)


def _expand(source: Path, *, yes: bool) -> None:
    from crpd_qa.answer.language_model.client import LanguageModel
    from crpd_qa.answer.language_model.expand import Expansion
    from crpd_qa.document import read_document

    config = settings()
    if not config.language_model:
        raise SettingsError("no language model is set: give CRPD_QA_LLM_BASE_URL and CRPD_QA_LLM_MODEL")
    document = read_document(source, config.symbol, config.title)
    expansion = Expansion.of(document, source, config.llm_encoding)
    if not expansion.paragraphs:
        err.print(Text(f"Every paragraph has its line in {expansion.path}."))
        return
    model = LanguageModel(config)
    err.print(
        Text(
            f"{model.model} at {model.host}: {len(expansion.paragraphs)} requests, about {expansion.tokens_in:,} "
            f"tokens in and {expansion.tokens_out:,} out; written to {expansion.path}"
        )
    )
    if not yes:
        typer.confirm("Go on?", abort=True, err=True)
    with _progress("paragraphs") as progress:
        for _ in progress.track(expansion.write(model), len(expansion.paragraphs), description="Writing questions"):
            pass


def _build(document: Path | None, output: Path | None, *, if_stale: bool) -> None:
    from crpd_qa.index.build import build_index, stale_reason

    config = settings()
    source, folder = document or config.document, output or config.index
    if if_stale:
        reason = stale_reason(folder, source, config.model, config.multilingual_model)
        if reason is None:
            return
        err.print(Text(f"The index is built: {reason}."))
    custom = document is not None and document != config.document
    with _progress() as progress:
        tasks = {}

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            progress.update(tasks[step], completed=done)

        manifest = build_index(
            source,
            folder,
            model_name=config.model,
            multilingual=config.multilingual_model,
            symbol=config.symbol,
            title=source.stem if custom else config.title,
            progress=advance,
        )
    entry = manifest.documents[0]
    err.print(Text(f"Indexed {entry.symbol}: {entry.paragraphs} paragraphs, {entry.sentences} sentences, in {folder}."))


@app.command(epilog="Example: [bold]crpd-qa serve --host 0.0.0.0 --port 8080[/]")
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.", show_default="7860")] = None,
) -> None:
    """Serve the chat in a browser. Builds the index first if there is none, or if it is damaged or out of date."""
    with _errors():
        config = settings()
        host, port = host or config.host, port or config.port
        from crpd_qa.web.server import check_address, run_server

        check_address(host, port)
        _build(None, None, if_stale=True)
        assistant = _open(None)
        err.print(Text(f"Chat: http://{host}:{port}  (stop with Ctrl+C)"))
        run_server(assistant, host, port)


@app.command(epilog="Example: [bold]crpd-qa batch questions.csv --output answers.xlsx[/]")
def batch(
    questions: Annotated[
        Path, typer.Argument(help="JSONL or CSV with a column “question”; “id”, “history” and “language” are used.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSONL, CSV or XLSX, by its ending.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a killed run stopped.")] = False,
    index: IndexOption = None,
) -> None:
    """Answer a file of questions. Other columns are carried through; bad rows are reported, the rest goes on."""
    with _errors():
        from crpd_qa.evaluate.batch import count_rows, run_batch

        total = count_rows(questions)
        assistant = _open(index)
        with _progress("questions") as progress:
            task = progress.add_task("Answering", total=total)
            report = run_batch(
                assistant,
                questions,
                output,
                resume=resume,
                advance=lambda: progress.advance(task),
                bad_row=lambda line, reason: progress.console.print(
                    Text(f"{questions}, line {line}: {reason}", style="red")
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


@app.command(
    "eval", epilog="Example: [bold]crpd-qa eval eval/dev.jsonl --report build/report --json build/results.json[/]"
)
def eval_command(
    sets: Annotated[list[Path], typer.Argument(help="Question sets in the format of eval/SPEC.md.")],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write every figure and answer to this file.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write an HTML report with plots and misses to this folder.")
    ] = None,
    baseline: Annotated[Path | None, typer.Option(help="A --json file of an earlier run to compare with.")] = None,
    mode: Annotated[EvalMode, typer.Option(help="Whose sentences answer: the report's, or a language model's.")] = (
        EvalMode.EXTRACT
    ),
    index: IndexOption = None,
) -> None:
    """Measure answers against question sets: a table here, an HTML report and JSON on request."""
    with _errors():
        from crpd_qa.evaluate.question_set import read_question_set
        from crpd_qa.evaluate.report import comparison_text, summary_tables, write_report
        from crpd_qa.evaluate.run import compare, evaluate, read_results, results, write_results

        questions = [question for path in sets for question in read_question_set(path)]
        before = read_results(baseline) if baseline else None
        assistant = _open(index, extract_only=mode is EvalMode.EXTRACT)
        if mode is EvalMode.LANGUAGE_MODEL and not assistant.language_model:
            raise SettingsError("no language model is set: give CRPD_QA_LLM_BASE_URL and CRPD_QA_LLM_MODEL")
        with _progress("questions") as progress:
            task = progress.add_task("Asking", total=len(questions))
            judgements = evaluate(assistant, questions, lambda: progress.advance(task))
        found = results(assistant, sets, judgements)
        out.print(Text(f"{', '.join(found.files)} · {len(questions)} questions · {found.model}"))
        for table in summary_tables(found):
            out.print(table)
        comparison = compare(found, before) if before else None
        if comparison:
            out.print(comparison_text(*comparison))
        if json_file:
            write_results(found, json_file)
        if report:
            page = write_report(found, judgements, assistant.document, report, comparison)
            err.print(Text(f"Report: {page}"))


@app.command(epilog="Example: [bold]crpd-qa feedback --output build/feedback.jsonl[/]")
def feedback(
    output: Annotated[Path, typer.Option("--output", "-o", help="JSONL, in the format of eval/SPEC.md.")],
) -> None:
    """Write the answers that people found helpful as a question set. Reads the file of CRPD_QA_FEEDBACK."""
    with _errors():
        from crpd_qa.web.feedback import export_feedback

        path = settings().feedback
        if path is None:
            raise CrpdQaError("no feedback is kept: set CRPD_QA_FEEDBACK to the SQLite file that keeps it")
        helpful, unhelpful = export_feedback(path, output)
        err.print(Text(f"{helpful} helpful answers written to {output}; {unhelpful} unhelpful ones stay in {path}"))


if __name__ == "__main__":
    app()
