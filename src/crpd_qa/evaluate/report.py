"""Results for people: tables in the terminal, an HTML page with plots and every miss."""

import base64
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from rich.table import Table
from rich.text import Text

from crpd_qa.errors import QuestionFileError
from crpd_qa.evaluate.judge import Judgement
from crpd_qa.evaluate.metrics import Figure, reliability, risk_coverage
from crpd_qa.evaluate.run import QuestionResult, Results
from crpd_qa.extras import needs_extra
from crpd_qa.library import Library

with needs_extra("evaluate", "evaluation"):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure as Plot

Comparison = tuple[list[QuestionResult], list[QuestionResult]]
"""(better, worse)"""

TABLES = {
    "Finding": ("recall@1", "recall@5", "recall@10", "MRR@10", "nDCG@10"),
    "Answering": ("right", "citation precision", "words", "verbatim"),
    "Language model": ("language model", "supported", "ALCE recall", "ALCE precision", "dropped", "repaired"),
    "Declining, speed": ("answerable declined", "unanswerable declined", "AUROC", "ms p50", "ms p95"),
}
"""What the terminal shows: tables that fit 80 columns; one without figures is left out."""


def summary_tables(found: Results) -> list[Table]:
    """A row a group of questions; in each cell the value, below it the 95 % interval."""
    tables = []
    for title, names in TABLES.items():
        table = Table(title=title, title_justify="left")
        table.add_column("Questions")
        table.add_column("n", justify="right")
        for name in names:
            table.add_column(name, justify="right")
        for group, figures in found.summary.items():
            shown = [figures[name] for name in names if name in figures]
            if shown:
                count = max(figure.count for figure in shown)
                table.add_row(group, str(count), *(_cell(name, figures.get(name)) for name in names))
        if table.row_count:
            tables.append(table)
    return tables


def _cell(name: str, figure: Figure | None) -> str:
    if figure is None:
        return ""
    digits = 1 if name in ("words", "ms p50", "ms p95") else 2
    return f"{figure.value:.{digits}f}\n{figure.low:.{digits}f}–{figure.high:.{digits}f}"


def comparison_text(better: list[QuestionResult], worse: list[QuestionResult]) -> Text:
    """What changed against the baseline, question by question."""
    text = Text(f"Against the baseline: {len(better)} better, {len(worse)} worse\n")
    for label, style, changed in (("better", "green", better), ("worse", "red", worse)):
        for result in changed:
            text.append(f"  {label} {result.id}: {result.question}\n", style=style)
    return text


def write_report(
    found: Results,
    judgements: Sequence[Judgement],
    library: Library,
    folder: Path,
    comparison: Comparison | None = None,
) -> Path:
    """`index.html` in the folder, complete in one file. Raises QuestionFileError."""
    environment = Environment(
        loader=PackageLoader("crpd_qa.evaluate"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    english = [j for j in judgements if j.question.lang == "en"] or list(judgements)
    html = environment.get_template("report.html").render(
        found=found,
        columns=dict.fromkeys(name for figures in found.summary.values() for name in figures),
        misses=[j for j in judgements if not j.right],
        text_of=lambda paragraph: library.at(library.position(*paragraph))[1].text,
        plots=[
            ("Risk and coverage: answering only the surest questions, how many answers are wrong", _risk_plot(english)),
            (
                "Reliability: how often answers of a given confidence rest on a right paragraph "
                f"(expected calibration error {reliability(english)[2]:.3f})",
                _reliability_plot(english),
            ),
            ("Confidence of questions with and without an answer", _confidence_plot(english, found.threshold)),
        ],
        better=comparison[0] if comparison else None,
        worse=comparison[1] if comparison else None,
    )
    page = folder / "index.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(html, encoding="utf-8")
    except OSError as error:
        raise QuestionFileError(f"cannot write {page}: {error.strerror}") from error
    return page


def _risk_plot(judgements: Sequence[Judgement]) -> str:
    plot, axes = plt.subplots(figsize=(5, 3.5))
    axes.plot(*risk_coverage(judgements), color="#1d4ed8")
    axes.set(xlabel="coverage", ylabel="risk", xlim=(0, 1), ylim=(0, None))
    return _data_url(plot)


def _reliability_plot(judgements: Sequence[Judgement]) -> str:
    mean, share, _ = reliability(judgements)
    plot, axes = plt.subplots(figsize=(5, 3.5))
    axes.plot([0, 1], [0, 1], linestyle=":", color="#555")
    axes.plot(mean, share, marker="o", color="#1d4ed8")
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    return _data_url(plot)


def _confidence_plot(judgements: Sequence[Judgement], threshold: float) -> str:
    plot, axes = plt.subplots(figsize=(5, 3.5))
    for label, answerable, color in (("answerable", True, "#1d4ed8"), ("not answerable", False, "#b45309")):
        scores = [j.answer.confidence for j in judgements if j.question.answerable is answerable]
        axes.hist(scores, bins=20, range=(0, 1), alpha=0.6, label=label, color=color)
    axes.axvline(threshold, color="#111", linestyle="--", label="declined to the left")
    axes.set(xlabel="confidence", ylabel="questions")
    axes.legend()
    return _data_url(plot)


def _data_url(plot: Plot) -> str:
    buffer = BytesIO()
    plot.tight_layout()
    plot.savefig(buffer, format="png", dpi=110)
    plt.close(plot)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
