"""The accessibility statement: results criterion by criterion, one source for the page and docs/accessibility.md."""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from crpd_qa.texts import texts
from crpd_qa.web.rendering import render

METHODS = (
    "axe",
    "keyboard",
    "contrast",
    "forced",
    "zoom",
    "spacing",
    "targets",
    "tree",
    "announcement",
    "dialog",
    "language",
    "review",
)
MENDED = (
    "borders",
    "choice",
    "message",
    "restart",
    "current",
    "lines",
    "notices",
    "hits",
    "place",
    "length",
    "paper",
    "thanks",
)
"""Faults of earlier versions that the statement tells of, with how they were found."""
LIMITS = ("people", "browser", "english", "script", "translations")


@dataclass(frozen=True)
class Criterion:
    """A success criterion of WCAG 2.2, level A or AA, and how these pages do on it. `by` holds names of METHODS."""

    number: str
    name: str
    level: Literal["A", "AA"]
    result: Literal["met", "inapplicable", "untested"]
    by: tuple[str, ...] = ()

    def tested_by(self, catalogue: dict[str, str]) -> str:
        """In words."""
        return ", ".join(catalogue[f"accessibility_{method}"] for method in self.by) or "–"


@dataclass(frozen=True)
class Part:
    """A heading of the statement and what stands under it."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()


@cache
def assessment() -> tuple[str, tuple[Criterion, ...]]:
    """(date of the assessment, every criterion of levels A and AA)"""
    data = json.loads((files("crpd_qa") / "data" / "wcag.json").read_text("utf-8"))
    return data["date"], tuple(Criterion(**row | {"by": tuple(row.get("by", ()))}) for row in data["criteria"])


def statement(language: str) -> list[Part]:
    """The statement's parts in that language."""
    t = {key.removeprefix("accessibility_"): text for key, text in texts(language).items()}
    date, criteria = assessment()
    counts = Counter(criterion.result for criterion in criteria)
    status = t["status"].format(
        total=len(criteria), met=counts["met"], inapplicable=counts["inapplicable"], untested=counts["untested"]
    )
    return [
        Part(t["scope_title"], (t["scope"],)),
        Part(t["status_title"], (status,)),
        Part(t["methods_title"], (t["methods"],), points=tuple(t[f"method_{method}"] for method in METHODS)),
        Part(t["mended_title"], (t["mended"],), points=tuple(t[f"mended_{fault}"] for fault in MENDED)),
        Part(t["limits_title"], points=tuple(t[f"limit_{limit}"] for limit in LIMITS)),
        Part(t["report_title"], (t["report"],)),
        Part(t["results_title"], criteria=criteria),
        Part(t["date_title"], (t["date"].format(date=date),)),
    ]


def render_statement(
    language: str, template: str = "accessibility.html", *, base: str = "", several: bool = False
) -> str:
    """The statement as a page, or as Markdown with `accessibility.md`. `base`, `several`: see `render`."""
    return render(template, language, base=base, here="/accessibility", several=several, statement=statement(language))


def statement_markdown() -> str:
    """docs/accessibility.md."""
    return render_statement("en", "accessibility.md").strip() + "\n"
