"""Put faults into true sentences, and count how many the check of answer/support.py catches.

    python eval/faults.py              # the table
    python eval/faults.py --fit        # first fit the model on the training half, and write data/support-model.json

True sentences are the report's own, the same rewritten by rule, those of paraphrases.jsonl (written by hand), and
those of composed.jsonl (what a strong language model wrote when it was sent the program's own prompts). The halves
are articles of the Convention: no paragraph is in both. docs/verification.md explains the table.
"""

import argparse
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from crpd_qa.answer.figures import figures
from crpd_qa.answer.models import LogisticModel
from crpd_qa.answer.names import Names
from crpd_qa.answer.support import Measured, SupportCheck, SupportChecker, Verdict, elsewhere_check
from crpd_qa.assistant import Assistant
from crpd_qa.documents import Document
from crpd_qa.library import Library
from crpd_qa.retrieve import Query, rank
from crpd_qa.settings import settings
from crpd_qa.store.lexical import terms

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "src" / "crpd_qa" / "data" / "support-model.json"
GIVEN = 8
"""Paragraphs in the prompt of a language model: the cited ones and their nearest."""
CATCH = 0.98
"""What share of the wrong paragraphs that no rule refuses the model is to refuse in the training half."""
REGULARIZATION = 3.0
"""scikit-learn's C."""
FITTED_ON = ("", "wrong paragraph", "one of two paragraphs wrong")
"""True sentences, and these faults."""
FLUENT = ("paraphrased", "composed")
"""Sources whose sentences are far from the report's words, as a language model's are."""
CLAUSES = json.loads((HERE / "unsupported.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    cited: tuple[int, ...]
    given: tuple[int, ...]
    kind: str
    """The fault, or "" for a true sentence."""
    source: str
    """verbatim, rewritten, merged, paraphrased, composed"""
    group: int
    """The article (or part) of the first cited paragraph."""

    @property
    def training(self) -> bool:
        return self.group % 2 == 0


# True sentences


REWRITES: list[tuple[str, str]] = [
    (r"\b[Pp]ersons with disabilities\b", "disabled people"),
    (r" per cent", "%"),
    (r"\bnon-governmental organizations\b", "NGOs"),
    (r"\bIn accordance with\b", "Under"),
    (r"\bPursuant to\b", "Under"),
    (r"\bare entitled to\b", "have the right to"),
    (r"\bhave the right to\b", "are entitled to"),
    (r"\bis carried out\b", "takes place"),
    (r"\bmeasures are being taken\b", "steps are being taken"),
    (r"\bhas been established\b", "has been set up"),
    (r"\bhave been established\b", "have been set up"),
    (r"\bmust\b", "are required to"),
    (r"\bin order to\b", "to"),
    (r"\bmore than\b", "over"),
    (r"\bprovided with\b", "given"),
    (r"\bhas the right to\b", "is entitled to"),
    (r"\bregarding\b", "about"),
    (r"\bIn Kazakhstan, (\w)", r"\1"),
    (r"^In (\d{4}), (.+)\.$", r"\2 in \1."),
    (r"^The (\w+ ?\w*) of Kazakhstan (\w+)", r"Kazakhstan's \1 \2"),
    (r"(?<=\d),(?=\d{3}\b)", " "),
]


def rewritten(text: str) -> str:
    """By rule: everyday words for the report's, references and a subordinate clause dropped."""
    new = re.sub(r" \((?:annex|[^()]*\barts?\.)[^()]*\)", "", text)
    new = re.sub(r", (?:which|including|such as|in particular)\b[^,;:.]*(?=\.$)", "", new)
    for pattern, replacement in REWRITES:
        new = re.sub(pattern, replacement, new)
    return new[:1].upper() + new[1:]


def true_sentences(document: Document) -> Iterator[Case]:
    def case(text: str, cited: tuple[int, ...], source: str) -> Case:
        return Case(text, cited, (), "", source, article(document, cited[0]))

    for paragraph in document:
        sentences = [paragraph.text[start:end] for start, end in paragraph.sentences]
        whole = [s for s in sentences if 6 <= len(s.split()) <= 60 and s[0].isupper()]
        for sentence in whole[:2]:
            yield case(sentence, (paragraph.number,), "verbatim")
            other = rewritten(sentence)
            if other != sentence:
                yield case(other, (paragraph.number,), "rewritten")
        following = document.paragraph(paragraph.number + 1)
        if (
            paragraph.number % 5 == 0
            and following
            and whole
            and following.section.articles == paragraph.section.articles
        ):
            start, end = following.sentences[0]
            second = following.text[start:end]
            if len(whole[0].split()) + len(second.split()) < 60 and whole[0].endswith(".") and second[0].isupper():
                merged = rewritten(whole[0]).rstrip(".") + ", and " + uncapitalized(rewritten(second))
                yield case(merged, (paragraph.number, following.number), "merged")
    for line in (HERE / "paraphrases.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield case(row["text"], tuple(row["cited"]), "paraphrased")
    for line in (HERE / "composed.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield replace(case(row["text"], tuple(row["cited"]), "composed"), given=tuple(row["given"]))


def uncapitalized(text: str) -> str:
    return text if re.match(r"[A-Z]\w* [A-Z]|[A-Z]{2}|Kazakh|Article", text) else text[:1].lower() + text[1:]


def article(document: Document, number: int) -> int:
    """A number for the article, or for the heading before the articles."""
    section = document.paragraphs[number - 1].section
    return section.articles[0] if section.articles else 100 + sum(map(ord, section.heading))


# Faults


def faults(
    case: Case, document: Document, names: Names, pool: dict[str, list[str]], chance: random.Random
) -> Iterator[Case]:
    def fault(kind: str, text: str) -> Iterator[Case]:
        if text != case.text:
            yield replace(case, text=text, kind=kind)

    text = case.text
    cited = [document.paragraphs[n - 1] for n in case.cited]
    held = [f for p in cited for f in figures(p.text)]
    said = [f for f in figures(text) if re.search(r"\d", text[f.start : f.end])]
    numbers = [f for f in said if f.kind in ("number", "percentage", "year")]
    if numbers:
        figure = chance.choice(numbers)
        old = text[figure.start : figure.end]
        for _ in range(20):
            new = different_number(old, figure.kind == "year", chance)
            probe = figures(text[: figure.start] + new + text[figure.end :])
            at = next((f for f in probe if f.start == figure.start), None)
            if at and not any(at.stands_for(other) for other in held):
                kind = {"number": "wrong number", "year": "wrong year", "percentage": "wrong percentage"}[figure.kind]
                yield from fault(kind, text[: figure.start] + new + text[figure.end :])
                break
        others = [g for p in cited for g in figures(p.text) if g.kind == figure.kind and not figure.stands_for(g)]
        others_text = [
            p.text[g.start : g.end]
            for p in cited
            for g in figures(p.text)
            if g in others and re.fullmatch(r"[\d.,]+(?: per cent|%)?(?: million| billion)?", p.text[g.start : g.end])
        ]
        if others_text:
            new = chance.choice(others_text)
            yield from fault("figure of the same paragraph", text[: figure.start] + new + text[figure.end :])
    pairs = [
        (f, g) for f in numbers for g in numbers if f.start < g.start and f.kind == g.kind and f.values != g.values
    ]
    if pairs:
        f, g = chance.choice(pairs)
        one, two = text[f.start : f.end], text[g.start : g.end]
        yield from fault("figures exchanged", text[: f.start] + two + text[f.end : g.start] + one + text[g.end :])
    for old, new in BOUNDS:
        if re.search(rf"\b{old}\b(?=\s+\d)", text):
            yield from fault("bound turned", re.sub(rf"\b{old}\b(?=\s+\d)", new, text, count=1))
            break
    # A paragraph that holds nearly every word says the same, and citing it is no fault: the report repeats itself.
    words = set(terms(text))
    near = [
        n
        for n in case.given
        if n not in case.cited and len(words & set(terms(document.paragraphs[n - 1].text))) < 0.8 * len(words)
    ]
    if near:
        yield replace(
            case,
            cited=(near[0], *case.cited[1:]),
            kind="one of two paragraphs wrong" if len(cited) > 1 else "wrong paragraph",
        )
    if len(near) > 2 and len(cited) == 1:
        yield replace(case, cited=(chance.choice(near[1:]),), kind="wrong paragraph")
    found = names.names(text)
    own = {word for p in cited for word in re.findall(r"\w+", p.text.lower())}
    for name in found[:1]:
        kind = next((k for k in ("Ministry", "Act", "Code", "province") if k in name.split()), "")
        swaps = [n for n in pool[kind or "other"] if not own.issuperset(re.findall(r"\w+", n.lower()))]
        if swaps:
            yield from fault("swapped name", text.replace(name, chance.choice(swaps), 1))
    negated = inserted_negation(text)
    if negated:
        yield from fault("negation inserted", negated)
    for old, new in REMOVALS:
        if re.search(old, text):
            yield from fault("negation removed", re.sub(old, new, text, count=1))
            break
    for old, new in QUANTIFIERS:
        if re.search(old, text):
            new_text = re.sub(old, new, text, count=1)
            yield from fault("quantifier changed", new_text[:1].upper() + new_text[1:])
            break
    body = text.rstrip(".")
    yield from fault("unsupported clause", f"{body}{chance.choice(CLAUSES['clauses'])}.")
    if chance.random() < 0.4:
        yield from fault("unsupported sentence", chance.choice(CLAUSES["sentences"]))
    other = document.paragraphs[chance.choice(near or [1]) - 1]
    start, end = other.sentences[0]
    second = re.sub(r" \([^()]*\)", "", other.text[start:end])
    if 5 <= len(second.split()) <= 25 and second.endswith("."):
        yield from fault("clause of another paragraph", f"{body}, and {uncapitalized(second)}")


BOUNDS = [
    ("at least", "at most"),
    ("[Mm]ore than", "less than"),
    ("[Oo]ver", "under"),
    ("not less than", "not more than"),
    ("less than", "more than"),
    ("up to", "at least"),
    ("aged over", "aged under"),
]
QUANTIFIERS = [
    (r"\b[Aa]ll\b(?! the same)", "some"),
    (r"\b[Ee]very (?=\w+ (?:has|is|may|of))", "only one "),
    (r"\b[Ee]veryone\b", "hardly anyone"),
    (r"\b[Oo]nly\b", "always"),
    (r"\b[Ss]olely\b", "generally"),
    (r"\b[Nn]o one\b", "only adults"),
    (r"\b[Nn]obody\b", "some people"),
    (r"\b[Ss]ome of\b", "all"),
    (r"\b[Mm]ost\b(?! \w+ of)", "only a few"),
    (r"\b[Tt]he majority of\b", "all"),
    (r"\b[Ee]ach\b", "some"),
    (r"\b[Ii]n some regions\b", "in all regions"),
    (r"^(?:Persons|People|Children|Women|Citizens)\b", lambda m: "Only " + m[0].lower()),
    (r"\b(?<=the )State\b(?= (?:guarantees|provides))", "State only"),
]
REMOVALS = [
    (r"\b(may|must|can|could|should|do|does|did|is|are|was|were|has|have|will) not\b", r"\1"),
    (r"\bcannot\b", "can"),
    (r"\b[Nn]o one may\b", "Anyone may"),
    (r"\b[Nn]obody\b", "Everybody"),
    (r"\b[Nn]o one has\b", "Everyone has"),
    (r"\bwithout\b", "with"),
    (r"\bare no\b", "are"),
    (r"\bis no\b", "is a"),
    (r"\b(?:is|are) (?:prohibited|forbidden|banned)\b", "is allowed"),
    (r"\bprohibits\b", "allows"),
    (r"\bforbids\b|\bbans\b", "permits"),
    (r"\bnothing\b", "much"),
    (r"\bNo (\w+)", r"\1"),
]


def inserted_negation(text: str) -> str:
    """ "is" -> "is not", "guarantees" -> "does not guarantee": the first verb that can be told."""
    match = re.search(r"\b(is|are|was|were|can|may|must|will|has been|have been|has|have)\b(?! not| no | never)", text)
    if match:
        parts = match[0].split()
        if parts in (["has"], ["have"]) and not re.match(r" \w+(?:ed|en|un|de)\b", text[match.end() :]):
            negated = "does not have" if parts == ["has"] else "do not have"
        else:
            negated = " ".join([parts[0], "not", *parts[1:]])
        return text[: match.start()] + negated + text[match.end() :]
    for verb in (
        "provides",
        "guarantees",
        "requires",
        "receives",
        "includes",
        "contains",
        "establishes",
        "supports",
        "takes",
    ):
        if re.search(rf"\b{verb}\b", text):
            return re.sub(
                rf"\b{verb}\b", f"does not {verb[:-1] if verb != 'establishes' else 'establish'}", text, count=1
            )
    return ""


def different_number(old: str, year: bool, chance: random.Random) -> str:
    """One digit changed, not the first of a year; or a year up to five off."""
    if year:
        return re.sub(r"\d{4}", lambda m: str(int(m[0]) + chance.choice([-5, -3, -2, -1, 1, 2, 3, 5])), old, count=1)
    places = [i for i, c in enumerate(old) if c.isdigit()]
    place = chance.choice(places)
    digit = chance.choice([d for d in "123456789" if d != old[place]])
    return old[:place] + digit + old[place + 1 :]


# Counting


def with_neighbours(case: Case, assistant: Assistant) -> Case:
    """The paragraphs that a prompt held, or would hold: the cited ones and those nearest to the sentence."""
    if case.given:
        return case
    ranked = [p.number for p in rank(Query(case.text[:600]), assistant.library).passages(GIVEN + 2)]
    return replace(case, given=(*case.cited, *[n for n in ranked if n not in case.cited][: GIVEN - len(case.cited)]))


def cases(assistant: Assistant, share: float = 1.0, seed: int = 7) -> list[Case]:
    document = assistant.document
    chance = random.Random(seed)
    names = Names.of(document)
    pool: dict[str, list[str]] = defaultdict(list)
    for paragraph in document:
        for name in names.names(paragraph.text):
            kind = next((k for k in ("Ministry", "Act", "Code", "province") if k in name.split()), "other")
            if len(name) > 3:
                pool[kind].append(name)
    pool["other"] = [
        "Tashkent",
        "Shymkent",
        "Bishkek",
        "Semey",
        "World Bank",
        "Senate",
        "Karagandy",
        "Nurlan Abenov",
        "UNICEF",
    ]
    pool["Ministry"] += ["Ministry of Defence", "Ministry of Energy", "Ministry of Agriculture"]
    pool = {kind: sorted(set(values)) for kind, values in pool.items()}

    true = list(true_sentences(document))
    if share < 1:
        true = chance.sample(true, int(share * len(true)))
    true = [with_neighbours(case, assistant) for case in true]
    return true + [fault for case in true for fault in faults(case, document, names, pool, chance)]


def readable(fitted: Pipeline, names: list[str]) -> LogisticModel:
    scaler, regression = fitted[0], fitted[1]
    weights = regression.coef_[0] / scaler.scale_
    return LogisticModel(
        intercept=round(float(regression.intercept_[0] - weights @ scaler.mean_), 4),
        coefficients={name: round(float(w), 4) for name, w in zip(names, weights, strict=True)},
    )


def fit(rows: list[tuple[Case, Measured]]) -> SupportCheck:
    """A model of a fault's probability, with the threshold above which the wanted share of faults lies."""
    chosen = [(c, m) for c, m in rows if c.training and not m.fault and m.features and c.kind in FITTED_ON]
    names = list(chosen[0][1].features)
    x = np.array([[m.features[n] for n in names] for _, m in chosen])
    y = np.array([bool(c.kind) for c, _ in chosen])
    weight = np.array([4.0 if c.source in FLUENT else 1.0 for c, _ in chosen])
    weight *= np.where(y, 1.0, weight[y].sum() / weight[~y].sum())

    model = make_pipeline(StandardScaler(), LogisticRegression(C=REGULARIZATION, max_iter=2000))
    model.fit(x, y, logisticregression__sample_weight=weight)
    found = model.predict_proba(x)[:, 1]
    # Never below even odds, however far apart the two lie in the training half.
    threshold = max(0.5, round(float(np.quantile(found[y], 1 - CATCH)) - 6e-5, 4))
    dropped = f"{(found[~y] > threshold).sum()} of {(~y).sum()} true ones dropped"
    print(f"{y.sum()} faults, {dropped}; threshold {threshold:.4f}")
    return SupportCheck(model=readable(model, names), threshold=threshold)


def table(rows: list[tuple[Case, Verdict]]) -> str:
    """Markdown: of each kind, how many were refused, in either half."""
    counts: dict[str, dict[bool, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for case, verdict in rows:
        hit = not verdict.supported
        if case.kind:
            counts[case.kind][case.training].append(hit)
            if case.source in FLUENT:
                counts[f"in fluent sentences: {case.kind}"][case.training].append(hit)
        else:
            counts[f"true: {case.source}"][case.training].append(hit)
            counts["true: all"][case.training].append(hit)
    lines = ["| what | fitted on: count | refused | held out: count | refused |", "| --- | --- | --- | --- | --- |"]
    for name in sorted(counts, key=lambda n: (n.startswith("true"), n.startswith("in fluent"), n)):
        cells = [
            f"{len(hits)} | {np.mean(hits):.3f}" if hits else "0 | "
            for hits in (counts[name][True], counts[name][False])
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def open_assistant() -> Assistant:
    """With one thread: more of them only wait for each other over a short text."""
    threadpool_limits(1, user_api="blas")
    return Assistant(Library.open(settings().index, threads=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="fit the model on the training half and write it")
    parser.add_argument("--misses", type=int, default=0, help="print so many misses of each kind")
    options = parser.parse_args()
    assistant = open_assistant()
    checker = SupportChecker(assistant.library)
    found = cases(assistant)
    if options.fit:
        measured = [(case, checker.measure(case.text, case.cited, case.given)) for case in tqdm(found, "measured")]
        OUTPUT.write_text(fit(measured).model_dump_json(indent=2) + "\n", "utf-8")
        elsewhere_check.cache_clear()
    rows = [(case, checker.check(case.text, case.cited, case.given)) for case in tqdm(found, "checked")]
    print(table(rows))
    shown: dict[str, int] = defaultdict(int)
    for case, verdict in rows:
        key = case.kind or f"true: {case.source}"
        if verdict.supported == bool(case.kind) and shown[key] < options.misses:
            shown[key] += 1
            print(f"{key} {list(case.cited)} {case.text!r} {verdict.reason}")


if __name__ == "__main__":
    main()
