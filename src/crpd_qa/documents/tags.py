"""What a tagged PDF says of its own text: which marked piece is a table's cell, a note, a heading, a paragraph."""

import ctypes
from dataclasses import dataclass, replace
from itertools import count

import pypdfium2 as pdfium
import pypdfium2.raw as raw

_BLOCKS = {"P", "LI", "TD", "TH", "H", "H1", "H2", "H3", "H4", "H5", "H6", "TOCI", "Caption"}
_MAX_DEPTH = 60  # a real file nests about ten deep
_ids = count(1)


@dataclass(frozen=True, slots=True)
class Tag:
    """Numbers tell elements of one page apart; 0 is "in none"."""

    block: int = 0
    table: int = 0
    row: int = 0
    cell: int = 0
    note: int = 0
    contents: bool = False


NO_TAG = Tag()


def page_tags(page: pdfium.PdfPage) -> dict[int, Tag]:
    """Marked-content id -> what it is part of. Empty for a file without tags."""
    tree = raw.FPDF_StructTree_GetForPage(page)
    if not tree:
        return {}
    found: dict[int, Tag] = {}
    try:
        for index in range(raw.FPDF_StructTree_CountChildren(tree)):
            element = raw.FPDF_StructTree_GetChildAtIndex(tree, index)
            if element:
                _walk(element, NO_TAG, found, 0)
    finally:
        raw.FPDF_StructTree_Close(tree)
    return found


def _walk(element: raw.FPDF_STRUCTELEMENT, parent: Tag, found: dict[int, Tag], depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    tag = _tag(_type(element), parent)
    for index in range(raw.FPDF_StructElement_CountChildren(element)):
        child = raw.FPDF_StructElement_GetChildAtIndex(element, index)
        if child:
            _walk(child, tag, found, depth + 1)
            continue
        mcid = raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
        if mcid >= 0:
            found[mcid] = tag


def _tag(kind: str, parent: Tag) -> Tag:
    if kind == "Table" and not parent.table:
        return replace(parent, table=next(_ids))
    if kind == "TR" and not parent.row:
        return replace(parent, row=next(_ids))
    if kind in ("TD", "TH") and not parent.cell:
        return replace(parent, cell=next(_ids), block=next(_ids))
    if kind == "Note":
        return replace(parent, note=next(_ids), table=0, row=0, cell=0)
    if kind in ("TOC", "TOCI"):
        return replace(parent, contents=True, block=next(_ids))
    if kind in _BLOCKS:
        return replace(parent, block=next(_ids))
    return parent


def _type(element: raw.FPDF_STRUCTELEMENT) -> str:
    length = raw.FPDF_StructElement_GetType(element, None, 0)
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    raw.FPDF_StructElement_GetType(element, buffer, length)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")
