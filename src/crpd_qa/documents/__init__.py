"""A file -> Document. Knows nothing of search."""

from crpd_qa.documents.model import Document, Footnote, Kind, Paragraph, Section, Table

__all__ = ["Document", "Footnote", "Kind", "Paragraph", "Section", "Table", "read_document"]


def read_document(path, symbol="", title="", **given):
    from crpd_qa.document import read_document as old

    d = old(path, symbol, title)

    def sec(s):
        hs = [h for h in (s.part,) if h]
        lvl = len(hs)
        if s.article:
            hs.append(f"Article {s.article} - {s.article_title}")
        if s.subheading:
            hs.append(s.subheading)
        return Section(tuple(hs), (s.article,) if s.article else (), lvl if s.article else 0)

    return Document(
        d.symbol,
        title or d.title,
        tuple(
            Paragraph(str(p.number), p.number, p.text, sec(p.section), p.sentences, tuple(map(str, p.references)))
            for p in d
        ),
        state="KAZ",
        kind="state-report",
    )
