"""Reads every document of a folder and prints how: python eval/reading.py FOLDER [--only WORD...] [--json OUT]"""

import argparse
import json
import time
from pathlib import Path

from crpd_qa.documents import Document, read_document
from crpd_qa.errors import DocumentError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[], help="words of which a file's name holds one")
    parser.add_argument("--json", type=Path, help="write what was read here, one document a line")
    arguments = parser.parse_args()
    rows = []
    for path in sorted(path for path in arguments.folder.iterdir() if path.is_file() and path.suffix != ".md"):
        if arguments.only and not any(word in path.name for word in arguments.only):
            continue
        start = time.perf_counter()
        try:
            document = read_document(path)
        except DocumentError as error:
            print(f"| {path.name} | refused: {error} | | | | | | {time.perf_counter() - start:.1f} |", flush=True)
            continue
        print(_row(path, document, time.perf_counter() - start), flush=True)
        rows.append(document)
    if arguments.json:
        with arguments.json.open("w", encoding="utf-8") as out:
            for document in rows:
                out.write(json.dumps(_as_json(document), ensure_ascii=False) + "\n")


def _row(path: Path, document: Document, seconds: float) -> str:
    numbers = [paragraph.number for paragraph in document if paragraph.number is not None]
    articles = {article for paragraph in document for article in paragraph.section.articles}
    cells = (
        path.name,
        document.symbol,
        document.kind,
        document.state,
        document.language,
        f"{len(document)} ({numbers[-1] if numbers else 'ours'})",
        len(articles),
        " ".join(document.warnings),
        f"{seconds:.1f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _as_json(document: Document) -> dict[str, object]:
    return {
        "symbol": document.symbol,
        "numbering": document.numbering,
        "warnings": document.warnings,
        "paragraphs": [
            {
                "number": p.number,
                "label": p.label,
                "text": p.text,
                "headings": p.section.headings,
                "articles": p.section.articles,
                "page": p.page,
            }
            for p in document
        ],
    }


if __name__ == "__main__":
    main()
