"""Put faults into true translations, and count how many the check of answer/translation.py catches.

    python eval/translation_faults.py              # the table
    python eval/translation_faults.py --fit        # first fit the models, and write data/translation-models.json

translations.jsonl holds sentences close to the report's with true translations, written by hand before the check. The
halves are articles of the Convention: no paragraph is in both. docs/verification.md explains the table.
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
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from crpd_qa.answer.figures import figures
from crpd_qa.answer.support import SupportCheck
from crpd_qa.answer.translation import Compared, TranslationChecker, TranslationModels, refusal
from crpd_qa.assistant import Assistant
from crpd_qa.documents import Document
from crpd_qa.language import Language
from faults import article, different_number, readable, uncapitalized

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "src" / "crpd_qa" / "data" / "translation-models.json"
BUDGET = 0.02
"""What share of the true translations of the training half each model may refuse."""


CATCH = 0.85
"""What share of its faults a model is to refuse at least, if that refuses fewer true translations."""


@dataclass(frozen=True, slots=True)
class Case:
    english: str
    text: str
    language: Language
    kind: str
    """The fault, or "" for a true translation."""
    group: int
    """The article (or part) of the paragraph."""

    @property
    def training(self) -> bool:
        return self.group % 2 == 0


def true_translations(document: Document) -> list[Case]:
    rows = [json.loads(line) for line in (HERE / "translations.jsonl").read_text("utf-8").splitlines()]
    return [Case(r["english"], r["text"], r["lang"], "", article(document, r["cited"][0])) for r in rows]


def faults(case: Case, others: list[Case], chance: random.Random) -> Iterator[Case]:
    """`others`: true translations of other sentences into the same language."""
    text, language = case.text, case.language
    known = figures(case.english)
    for figure in figures(text, language):
        old = text[figure.start : figure.end]
        if figure.kind not in ("number", "year", "percentage") or not re.search(r"\d", old):
            continue
        new = different_number(old, figure.kind == "year", chance)
        changed = text[: figure.start] + new + text[figure.end :]
        at = next((f for f in figures(changed, language) if f.start == figure.start), None)
        if at and not any(abs(a - b) < 1e-6 for f in known for a in at.values for b in f.values):
            yield replace(case, text=changed, kind=f"wrong {figure.kind}")
    kinds = {
        "swapped name": NAMES,
        "negation removed": REMOVALS[language],
        "quantifier changed": QUANTIFIERS[language],
        "bound turned": BOUNDS[language],
    }
    for kind, changes in kinds.items():
        for old, new in changes:
            changed = re.sub(old, new, text, count=1)
            if changed != text:
                yield replace(case, text=changed, kind=kind)
                break
    negated = negated_kazakh(text) if language == "kk" else inserted(text, language)
    if negated:
        yield replace(case, text=negated, kind="negation inserted")
    body = text.rstrip(".")
    added = chance.choice(others)
    yield replace(
        case, text=f"{body}, {AND[language]} {uncapitalized(added.text)}", kind="clause of another translation"
    )
    yield replace(case, text=f"{body}{chance.choice(CLAUSES[language])}.", kind="unsupported clause")
    yield replace(case, text=chance.choice(others).text, kind="translation of another sentence")
    yield replace(case, text=case.english, kind="not translated")


AND = {"ru": "и", "kk": "ал", "fr": "et", "es": "y"}
NAMES = [
    (r"Астан(?:а|ой|е)\b", "Шымкент"), (r"Алматы", "Павлодар"), (r"\bАстанада", "Семейде"),
    (r"Казахстан(?=\w*)", "Узбекистан"), (r"Қазақстан", "Өзбекстан"), (r"Габидуллина|Ғабидуллина", "Ахметова"),
    (r"Министерством труда", "Министерством энергетики"), (r"Еңбек және", "Энергетика және"),
    (r"ПРООН", "ЮНИСЕФ"), (r"БҰҰДБ", "ЮНИСЕФ"), (r"МОТ\b", "ВОЗ"), (r"ХЕҰ", "ДДСҰ"), (r"ОЭСР", "ОБСЕ"),
    (r"ЭЫДҰ", "ЕҚЫҰ"),
    (r"НПО", "ООН"), (r"ҮЕҰ", "БҰҰ"), (r"ВВП", "ВНД"), (r"Сенат\w*", "Совет"), (r"Омбудсмен\w*", "Президент"),
    (r"Astaná?", "Chymkent"), (r"Almaty", "Pavlodar"), (r"Kazakhstan", "Kirghizistan"), (r"Kazajstán", "Uzbekistán"),
    (r"Gabidullina", "Akhmetova"), (r"PNUD", "UNICEF"), (r"\bOIT", "OMS"), (r"OCDE", "OSCE"), (r"PIB", "RNB"),
    (r"\bONG\b", "ONU"), (r"Sénat", "Conseil"), (r"Senado", "Consejo"),
    (r"Ministère du travail", "Ministère de la santé"),
    (r"Ministerio de Trabajo", "Ministerio de Salud"),
]  # fmt: skip
REMOVALS = {
    "ru": [(r"[Нн]икто не ", "Каждый "), (r"\bнет\b", "есть"), (r"запрещ[её]н", "разрешен"),
           (r"\bне (?!более|менее)", ""),
           (r"\bбез каких-либо", "с учётом"), (r"\bбез\b", "с")],
    "kk": [(r"тыйым сал\w+", "рұқсат берілген"), (r"\bжоқ\b", "бар"), (r"(?<=[лсй])майды", "ады"),
           (r"(?<=[лсй])мейді", "еді"),
           (r"болмайды", "болады"), (r"сұғылмайды", "сұғылады")],
    "fr": [(r"\bne (\w+) pas\b", r"\1"), (r"\bn[’'](est|a|ont) pas\b", r"\1"), (r"Nul ne", "Chacun"),
           (r"Nul n[’']", "Chacun "),
           (r"interdit", "autorisé"), (r"ne (\w+) aucune", r"\1 une"), (r"Aucune (.+?) n[’']est", r"Une \1 est"),
           (r"n[’'](\w+) aucune", r"\1 une"), (r"n’est (\w+) à aucune", r"est \1 à une")],
    "es": [(r"Nadie", "Toda persona"), (r"\bNo se", "Se"), (r"\bno (\w+) ninguna", r"\1 una"),
           (r"\bno (.+?) ninguna", r"\1 una"), (r"\bno ", ""), (r"prohibid", "permitid"), (r"\bsin\b", "con")],
}  # fmt: skip
QUANTIFIERS = {
    "ru": [(r"\bвсем\b", "некоторым"), (r"\bвсе (?=админ)", "некоторые "), (r"\bвсех\b", "некоторых"),
           (r"\b[Кк]аждый\b", "Иной"),
           (r"\bтолько ", ""), (r"Большинство", "Часть"), (r"^(?=Лица|Пандусы|Адвокаты)", "Только ")],
    "kk": [(r"\bбарлық\b", "кейбір"), (r"\bтек (.+?) қана", r"\1"), (r"көпшілігі", "біразы"),
           (r"[Әә]ркімнің", "Кейбіреудің"),
           (r"^(?=Адвокаттар|Омбудсмен)", "Тек ")],
    "fr": [(r"\btoutes les\b", "certaines"), (r"\bà tous\b", "à certains"), (r"uniquement ", ""),
           (r"La plupart", "Certains"),
           (r"^Chacun a", "On a"), (r"^(?=Six|L’État)", "Seuls ")],
    "es": [(r"\b[Tt]odas las\b", "algunas"), (r"únicamente ", ""), (r"^(?=Seis)", "Solo ")],
}  # fmt: skip
BOUNDS = {
    "ru": [(r"не менее", "не более"), (r"не более", "не менее"), (r"\bболее\b", "менее"), (r"\bниже\b", "выше")],
    "kk": [(r"кемінде", "ең көбі"), (r"асатын", "жетпейтін"), (r"артық жұмыс істемейді", "кем жұмыс істемейді"),
           (r"төмен", "жоғары")],
    "fr": [(r"plus de", "moins de"), (r"moins de", "plus de"), (r"inférieur", "supérieur")],
    "es": [(r"\bmás de", "menos de"), (r"al menos", "como máximo")],
}  # fmt: skip
CLAUSES = {
    "ru": [", что сделало страну лучшей в регионе", " и пользуется всеобщим уважением", ", несмотря на критику соседей",
           ", чем гордятся жители", ", хотя денег на это не хватает", " благодаря щедрости частных банков"],
    "kk": [", бұл елді өңірдегі ең үздік етті", " және жұрттың бәрі құрметтейді", ", көршілердің сынына қарамастан",
           ", тұрғындар мұны мақтан тұтады", ", бірақ бұған ақша жетпейді", ", бұған жеке банктер көмектесті"],
    "fr": [", ce qui en a fait le meilleur pays de la région", " et jouit du respect de tous",
           ", malgré les critiques des voisins",
           ", ce dont les habitants sont fiers", ", mais l’argent manque",
           " grâce à la générosité des banques privées"],
    "es": [", lo que lo convirtió en el mejor país de la región", " y goza del respeto general",
           ", pese a las críticas de los vecinos",
           ", de lo que se enorgullecen los habitantes", ", pero falta dinero",
           " gracias a la generosidad de los bancos privados"],
}  # fmt: skip
VERBS = {
    "ru": r"ратифицировал|подготовлен|занимает|состоит|зарегистрировано|осуществляется|является|составил[иоа]?|"
    r"составляло|"
    r"были заняты|занял|включает|увеличилась|имеют|присоединился|распространяются|живут|внесены|увеличено|имеет|"
    r"предоставляется|считали|оборудован|есть|предоставляет|установлены|оказывают|получили|транслируются|получают|"
    r"усыновлено|обучаются|проводится|оказывается|работают|занимались|завоевала|получил|посетили|напечатано|"
    r"запрещ[её]н\w*",
    "fr": r"a(?= \w+é)|est|sont|ont|compte|comprend|était|offre|bénéficient|l[’']emportent|s[’']appliquent|"
    r"se compose|œuvraient",
    "es": r"ratificó|fue|abarca|era|consta|es|son|tenían|representó|cuenta|están?|ha|se aplican|tienen|se adhirió|"
    r"aumentó|"
    r"se imprimieron|disponen|deben|se presta|trabajaban|ganó",
}


def inserted(text: str, language: str) -> str:
    """The first verb that can be told, negated."""
    match = re.search(rf"(?<![\w’'])(?:{VERBS[language]})(?![\w’'])", text)
    if not match or re.search(r"\b(?:не|no|ne) $", text[: match.start()]):
        return ""
    verb = match[0]
    if language == "ru":
        verb = "нет" if verb == "есть" else f"не {verb}"
    elif language == "es":
        verb = f"no {verb}"
    elif re.match(r"[ls][’']|se ", verb):
        verb = f"ne {verb} pas"
    else:
        verb = f"n’{verb} pas" if verb[0] in "aeéoœ" else f"ne {verb} pas"
    return text[: match.start()] + verb + text[match.end() :]


def negated_kazakh(text: str) -> str:
    """The last verb, negated by its suffix."""
    match = re.search(r"(\w+)\.$", text)
    if not match:
        return ""
    word = match[1]
    if word == "бар":
        return f"{text[: match.start()]}жоқ."
    tail = next(
        (
            t
            for t in ("ады", "еді", "йды", "йді", "ған", "ген", "қан", "кен", "ды", "ді", "ты", "ті")
            if word.endswith(t)
        ),
        "",
    )
    stem = word[: len(word) - len(tail)]
    if not tail or len(stem) < 2 or re.search(r"[мбп][ае]$", stem):
        return ""
    vowels = re.findall(r"[аәеёоөұүыіуиюяэ]", stem)
    back = not vowels or vowels[-1] in "аоұыуя"
    consonant = "м" if stem[-1] in "аәеёоөұүыіуиюяэлрй" else "б" if stem[-1] in "мнңзж" else "п"
    suffix = consonant + ("а" if back else "е")
    ending = {"ады": "йды", "еді": "йді", "қан": "ған", "кен": "ген", "ты": "ды", "ті": "ді"}.get(tail, tail)
    return f"{text[: match.start()]}{stem}{suffix}{ending}."


def cases(document: Document, seed: int = 7) -> list[Case]:
    chance = random.Random(seed)
    true = true_translations(document)
    found = []
    for case in true:
        # Never from the other half: what is held out must be new.
        others = [
            c for c in true if c.language == case.language and c.english != case.english and c.training == case.training
        ]
        found += [case, *faults(case, others, chance)]
    return found


def fit(rows: list[tuple[Case, Compared]]) -> TranslationModels:
    rows = [(case, compared) for case, compared in rows if not compared.fault]
    true = [(case, compared.features) for case, compared in rows if not case.kind]
    usual = {
        language: {
            name: round(float(np.median([f[name] for c, f in true if c.language == language])), 4)
            for name in ("cosine", "length")
        }
        for language in sorted({case.language for case, _ in true})
    }

    def fitted(kinds: set[str], names: list[str]) -> SupportCheck:
        chosen = [(c, m.features) for c, m in rows if not c.kind or c.kind in kinds]
        x = np.array([[f[name] - usual[c.language].get(name, 0.0) for name in names] for c, f in chosen])
        faulty = np.array([bool(c.kind) for c, _ in chosen])
        model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", C=3)).fit(x, faulty)
        scores = model.predict_proba(x)[:, 1]
        # Never below even odds; and where the two lie far apart, near the faults.
        threshold = max(
            0.5, float(np.quantile(scores[~faulty], 1 - BUDGET)), float(np.quantile(scores[faulty], 1 - CATCH))
        )
        return SupportCheck(model=readable(model, names), threshold=round(threshold + 6e-5, 4))

    added = {"unsupported clause", "clause of another translation"}
    return TranslationModels(
        usual=usual,
        by_vectors={
            "another": fitted({"translation of another sentence"}, ["cosine"]),
            "added": fitted(added, ["nearer_without_a_part", "length", "cosine"]),
        },
        by_length={"added": fitted(added, ["length"])},
    )


def table(rows: list[tuple[Case, Compared]]) -> str:
    """Markdown: of each kind, how many were refused in either half, and in the held-out half by language."""
    counts: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for case, compared in rows:
        hit = bool(compared.fault or refusal(compared.features, case.language))
        kind = case.kind or "true translation"
        counts[kind]["fitted on" if case.training else "held out"].append(hit)
        if not case.training:
            counts[kind][case.language].append(hit)
    columns = ["fitted on", "held out", "ru", "kk", "fr", "es"]
    lines = [f"| what | {' | '.join(columns)} |", f"| --- |{' --- |' * len(columns)}"]
    for kind in sorted(counts, key=lambda k: (k.startswith("true"), k)):
        cells = [f"{sum(h) / len(h):.3f} of {len(h)}" if (h := counts[kind][column]) else "" for column in columns]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="fit the models on the training half and write them")
    parser.add_argument("--misses", type=int, default=0, help="print so many misses of each kind")
    options = parser.parse_args()
    assistant = Assistant.open(extract_only=True)
    checker = TranslationChecker(assistant.library)
    rows = [(case, checker.compare(case.english, case.text, case.language)) for case in cases(assistant.document)]
    if options.fit:
        OUTPUT.write_text(
            fit([row for row in rows if row[0].training]).model_dump_json(indent=2) + "\n", encoding="utf-8"
        )
    print(table(rows))
    shown: dict[str, int] = defaultdict(int)
    for case, compared in rows:
        hit = compared.fault or refusal(compared.features, case.language)
        if bool(hit) != bool(case.kind) and shown[case.kind] < options.misses:
            shown[case.kind] += 1
            print(f"{case.kind or 'true'} ({case.language}) {case.english!r} {case.text!r} {hit}")


if __name__ == "__main__":
    main()
