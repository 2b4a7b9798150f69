"""Results for people: tables in the terminal, an HTML page with plots and every miss."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rich.table import Table
from rich.text import Text

from crpd_qa.errors import QuestionFileError
from crpd_qa.evaluate.judge import Judgement, Outcome, most_words
from crpd_qa.evaluate.metrics import Figure, outcomes, reliability, risk_coverage
from crpd_qa.evaluate.question_set import ParagraphId, QuestionKind
from crpd_qa.evaluate.run import QuestionResult, Results
from crpd_qa.language import detect
from crpd_qa.library import Library
from crpd_qa.web.quotation import mark
from crpd_qa.web.words import language_name

Comparison = tuple[list[QuestionResult], list[QuestionResult]]
"""(better, worse)"""

TABLES = {
    "Finding": ("recall@1", "recall@5", "recall@10", "MRR@10", "nDCG@10"),
    "Answering": ("right", "citation precision", "words", "verbatim"),
    "Language model": ("language model", "supported", "ALCE recall", "ALCE precision", "dropped", "repaired"),
    "Declining, speed": ("answerable declined", "unanswerable declined", "AUROC", "ms p50", "ms p95"),
}
"""What the terminal shows: tables that fit 80 columns; one without figures is left out."""

TYPES: dict[QuestionKind, str] = {
    "fact": "A number, name or date",
    "describe": "What, how or why",
    "lay": "In everyday words",
    "multi": "Needs several paragraphs",
    "followup": "Goes on with an earlier one",
    "locate": "By paragraph, article or section",
    "none": "Not in the documents",
    "attack": "Attack, nonsense, off the subject",
}
FIGURES = {
    "recall@1": "The first paragraph that was found is a right one",
    "recall@3": "A right paragraph is among the first three",
    "recall@5": "A right paragraph is among the first five",
    "recall@10": "A right paragraph is among the first ten",
    "complete@10": "All paragraphs that are needed are among the first ten",
    "MRR@10": "One divided by the place of the first right paragraph",
    "nDCG@10": "How high up the right paragraphs stand",
    "right": "Questions with an answer: right, that is stated, cited and not too long",
    "facts": "Questions with an answer: what was asked is stated",
    "cited": "Questions with an answer: the right paragraphs are cited",
    "citation precision": "Share of the cited paragraphs that are right ones",
    "words": "Words of an answer",
    "verbatim": "Answers whose quotations are the document’s words",
    "answerable declined": "Questions with an answer that were declined: less is better",
    "unanswerable declined": "Questions without an answer that were declined: more is better",
    "language model": "Answers in a language model’s sentences",
    "supported": "Share of its sentences that their paragraphs bear out",
    "ALCE recall": "Share of the sentences that are borne out by all that they cite",
    "ALCE precision": "Share of the citations that a sentence needs",
    "dropped": "Sentences left out of an answer",
    "repaired": "Sentences that held at the second try",
    "asked language": "Answers in the language of the question",
    "AUROC": "How well confidence tells questions with an answer from others; 0.5 is chance",
    "ms p50": "Milliseconds for an answer, in the middle",
    "ms p95": "Milliseconds for an answer: 95 of 100 took less",
}
"""What each says."""


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


@dataclass(frozen=True)
class ShownParagraph:
    """A paragraph beside a question, what the answer quotes of it marked."""

    id: ParagraphId
    html: Markup
    language: str
    right: bool


@dataclass(frozen=True)
class Miss:
    """A question that was not answered right: what was expected, what came, and why that is not right."""

    judgement: Judgement
    why: str
    expected: Sequence[ShownParagraph]
    came: Sequence[ShownParagraph]
    """What the answer cites; of a declined question the nearest paragraph."""


@dataclass(frozen=True)
class Group:
    """Questions of one type or language."""

    name: str
    count: int
    outcomes: dict[Outcome, Figure]


def write_report(
    found: Results,
    judgements: Sequence[Judgement],
    library: Library,
    folder: Path,
    comparison: Comparison | None = None,
) -> Path:
    """`index.html` in the folder, complete in one file. Raises QuestionFileError."""
    environment = Environment(
        loader=PackageLoader("crpd_qa.evaluate"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda share: f"{share * 100:.0f}\N{NO-BREAK SPACE}%"
    coverage, risk = risk_coverage(judgements)
    bins, error = reliability(judgements)
    html = environment.get_template("report.html").render(
        style=Markup(_style()),
        found=found,
        several=library.has_several,
        all=Group("All questions", len(judgements), outcomes(judgements)),
        groups={"By type": _by_type(judgements), "By language": _by_language(judgements)},
        explained=FIGURES,
        coverage=coverage,
        risk=risk,
        bins=bins,
        error=error,
        confidence=_histogram(judgements),
        better=comparison[0] if comparison else None,
        worse=comparison[1] if comparison else None,
        misses={
            outcome: [_miss(j, library) for j in judgements if j.outcome == outcome]
            for outcome in ("wrong", "declined")
        },
        types=TYPES,
        detect=detect,
        language_name=language_name,
    )
    page = folder / "index.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(html, encoding="utf-8")
    except OSError as problem:
        raise QuestionFileError(f"cannot write {page}: {problem.strerror}") from problem
    return page


def _style() -> str:
    """Of all pages, and what this one has besides."""
    own = resources.files("crpd_qa.evaluate") / "templates" / "report.css"
    return "".join(file.read_text("utf-8") for file in (resources.files("crpd_qa.web") / "static" / "design.css", own))


def _by_type(judgements: Sequence[Judgement]) -> list[Group]:
    return [
        _group(name, [j for j in judgements if j.question.type == kind])
        for kind, name in TYPES.items()
        if any(j.question.type == kind for j in judgements)
    ]


def _by_language(judgements: Sequence[Judgement]) -> list[Group]:
    return [
        _group(language_name(code, "en"), [j for j in judgements if j.question.lang == code])
        for code, _ in Counter(j.question.lang for j in judgements).most_common()
    ]


def _group(name: str, judgements: Sequence[Judgement]) -> Group:
    return Group(name, len(judgements), outcomes(judgements))


def _histogram(judgements: Iterable[Judgement], bins: int = 20) -> list[tuple[int, int]]:
    """How many questions with an answer, and how many without, have a confidence in each of as many steps."""
    counts = [[0, 0] for _ in range(bins)]
    for j in judgements:
        counts[min(int(j.answer.confidence * bins), bins - 1)][not j.question.answerable] += 1
    return [(answerable, other) for answerable, other in counts]


def _miss(j: Judgement, library: Library) -> Miss:
    cited = list(dict.fromkeys((citation.document, citation.label) for citation in j.answer.citations))
    return Miss(
        j,
        _why(j),
        [_shown(paragraph, j, library) for paragraph in sorted(j.alternatives[0])] if j.alternatives else [],
        [_shown(paragraph, j, library) for paragraph in cited or j.ranked[:1]],
    )


def _shown(paragraph: ParagraphId, j: Judgement, library: Library) -> ShownParagraph:
    document, found = library.at(library.position(*paragraph))
    quoted = [(c.start, c.end) for c in j.answer.citations if (c.document, c.label) == paragraph]
    return ShownParagraph(paragraph, mark(found.text, quoted), document.language, paragraph in j.right_paragraphs)


def _why(j: Judgement) -> str:
    """Why an answer is not right, in words."""
    if not j.question.answerable:
        return "Answered, though the documents do not say."
    if not j.answer.statements:
        places = [place for place, paragraph in enumerate(j.ranked, 1) if paragraph in j.right_paragraphs]
        where = f"found at place {places[0]}" if places else f"not among the {len(j.ranked)} that were found"
        return f"Declined, though the documents say it. The right paragraph was {where}."
    faults = []
    if not j.facts:
        faults.append("What was expected is not stated")
    if not j.cited:
        faults.append("The expected paragraph is not cited")
    if j.words > most_words(j.question):
        faults.append(f"{j.words} words, where {most_words(j.question)} are the most")
    return ". ".join(faults) + "."
