"""A small library of several documents: invented ones of two States, a PDF with its Russian version, a handbook."""

from pathlib import Path

from crpd_qa.library.manifest import read_manifest, write_manifest
from crpd_qa.library.write import LibraryWriter
from documents.printed import Printed

ROOT = Path(__file__).parents[1]
INVENTED = {"CRPD-C-ORS-1": "ISL", "CRPD-C-VLD-CO-1": "MLT", "CRPD-C-VLD-RQ-1": "MLT"}
"""Files of eval/documents, and the States that they pass for here."""
PRINTED = "CRPD/C/AND/1"
HANDBOOK = "HANDBOOK/ORIGINAL"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"

_RUSSIAN = """Первоначальный доклад Андорры

I. Введение

1. Этот доклад следует руководящим принципам. Его написало министерство.

2. Как сказано в пункте 1, все школы открыты для детей.

3. Цифры собрало Статистическое бюро.

5. В 2018 году в каждой школе был пандус.
"""
_UNNUMBERED = f"""# Handbook on ramps {HOSTILE}

## Building

A ramp rises by six centimetres for each metre. It has two handrails.

## Upkeep

Every winter the ramp is cleared of snow before seven in the morning.
"""


def make_several(index_folder: Path, folder: Path) -> Path:
    """Makes it in an empty folder, with the models of the library in `index_folder`."""
    library, files = folder / "library", folder / "files"
    files.mkdir()
    (library / "models").mkdir(parents=True)
    for model in (index_folder / "models").iterdir():
        (library / "models" / model.name).symlink_to(model)
    write_manifest(library, read_manifest(index_folder).model_copy(update={"documents": []}))
    writer = LibraryWriter(library, threads=1)
    for name, state in INVENTED.items():
        writer.add(ROOT / "eval" / "documents" / f"{name}.txt", state=state)
    writer.add(_printed().save(files / "report.pdf"), state="AND")
    (files / "report-ru.txt").write_text(_RUSSIAN, "utf-8")
    about = {"state": "AND", "kind": "state-report", "language": "ru", "date": "2019-06-05"}
    writer.add(files / "report-ru.txt", symbol=PRINTED, **about)
    (files / "handbook.md").write_text(_UNNUMBERED, "utf-8")
    writer.add(files / "handbook.md", symbol=HANDBOOK, kind="other")
    return library


def _printed() -> Printed:
    """Two pages after the first, with a footnote and a table."""
    printed = Printed(PRINTED)
    printed.first_page("Initial report submitted by Andorra under article 35 of the Convention")
    printed.page_break()
    printed.heading("I. Introduction", size=14, left=90)
    printed.paragraph(1, "This report follows the guidelines.^1^ The Ministry wrote it.")
    printed.footnote("1", "CRPD/C/2/3, adopted by the Committee.")
    printed.heading("Article 24 - Education")
    printed.paragraph(2, "As stated in paragraph 1, all schools are open to children with disabilities.")
    printed.table(
        "Table 1\nChildren in schools", [("Year", "Girls", "Boys"), ("2016", "1 200", "1 310"), ("2017", "1 400", "9")]
    )
    printed.page_break()
    printed.paragraph(3, "The figures above were collected by the Bureau of Statistics.")
    printed.paragraph(4, "In 2018 every school had a ramp.")
    return printed
