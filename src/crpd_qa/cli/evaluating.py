"""Measuring: eval."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from crpd_qa.cli.base import IndexOption, app, begins, err, errors, open_assistant, out, progress_bar
from crpd_qa.errors import SettingsError


class EvalMode(StrEnum):
    """What `crpd-qa eval` asks."""

    EXTRACT = "extract"
    LANGUAGE_MODEL = "language-model"


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
    with errors():
        from crpd_qa.evaluate.question_set import read_question_set
        from crpd_qa.evaluate.report import comparison_text, summary_tables, write_report
        from crpd_qa.evaluate.run import compare, evaluate, read_results, results, write_results

        questions = [question for path in sets for question in read_question_set(path)]
        before = read_results(baseline) if baseline else None
        assistant = open_assistant(index, extract_only=mode is EvalMode.EXTRACT)
        if mode is EvalMode.LANGUAGE_MODEL and not assistant.language_model:
            raise SettingsError("no language model is set: give CRPD_QA_LLM_BASE_URL and CRPD_QA_LLM_MODEL")
        begins("Asking questions", len(questions))
        with progress_bar("questions") as progress:
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
            page = write_report(found, judgements, assistant.library, report, comparison)
            err.print(Text(f"Report: {page}"))
