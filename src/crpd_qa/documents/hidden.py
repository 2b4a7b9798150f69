"""Which elements of an HTML page its styles hide: inline ones, and rules for one class, id or element name.

Where rules are in doubt (of several elements, in @media) they can only show: what a reader sees is never left out, and
not all that is hidden is found.
"""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NAME = re.compile(r"[.#]?[A-Za-z_][\w-]*")
_COMBINED = re.compile(r"[\s>+~]+")
_ZERO = re.compile(r"(?:0+(?:\.0*)?|\.0+)(?:%|[a-z]{1,4})?")
_SIZES = ("px", "pt", "rem", "cm", "mm", "in", "pc", "vw", "vh", "small", "medium", "large", ")")
"""What a font size that is no part of the parent's ends with."""
_INHERITED = ("visibility", "font-size")

Look = dict[str, bool]
"""A property -> whether it hides; what says neither is left out."""


def hidden_by_style(root: HtmlElement) -> set[HtmlElement]:
    """Not those within them. One in which something is set visible again is not hidden as a whole, and is left out."""
    rules = _rules(root)
    looks = {element: look for element in root.iter() if isinstance(element.tag, str) and (look := rules.look(element))}
    around: set[tuple[HtmlElement, str]] = set()
    for element, look in looks.items():
        for name in _INHERITED:
            if look.get(name) is False:
                for parent in element.iterancestors():
                    if (parent, name) in around:
                        break
                    around.add((parent, name))
    return {
        element
        for element, look in looks.items()
        if any(hides and (element, name) not in around for name, hides in look.items())
    }


class _Rules:
    """By strength (of an element's name, a class, an id) and name, what rules say of those that have the name."""

    def __init__(self) -> None:
        self._looks: tuple[dict[str, Look], ...] = ({}, {}, {})

    def add(self, selector: str, look: Look, *, nested: bool) -> None:
        simple = _NAME.fullmatch(selector) is not None and not nested
        strength = 2 if "#" in selector else 1 if any(sign in selector for sign in ".:[") else 0
        subject = _COMBINED.split(selector)[-1]
        for name in set(_NAME.findall(subject)):
            own = self._looks[strength].setdefault(name if name[0] in ".#" else name.lower(), {})
            for what, hides in look.items():
                if simple or not hides:
                    own[what] = own.get(what, True) and hides

    def look(self, element: HtmlElement) -> Look:
        names = [element.tag, *(f".{name}" for name in (element.get("class") or "").split()), f"#{element.get('id')}"]
        found: Look = {}
        for looks in self._looks:
            own: Look = {}
            for name in names:
                for what, hides in looks.get(name, {}).items():
                    own[what] = own.get(what, True) and hides
            found |= own
        return found | _look(element.get("style") or "")


def _rules(root: HtmlElement) -> _Rules:
    rules = _Rules()
    for style in root.iter("style"):
        if (style.get("media") or "all").strip().lower() in ("all", "screen"):
            for selectors, declarations, nested in _blocks(_COMMENT.sub("", style.text or "")):
                if look := _look(declarations):
                    for selector in selectors.split(","):
                        rules.add(selector.strip(), look, nested=nested)
    return rules


def _blocks(css: str) -> Iterator[tuple[str, str, bool]]:
    """Each selector with its declarations, and whether it stands in another block."""
    opened: list[str] = []
    before = ""
    for piece in re.split(r"([{}])", css):
        if piece == "{":
            opened.append(before.rpartition(";")[2])
        elif piece == "}" and opened:
            selectors = opened.pop()
            yield selectors, before, bool(opened)
        before = "" if piece in ("{", "}") else piece


def _look(declarations: str) -> Look:
    found: Look = {}
    for declaration in declarations.split(";"):
        name, _, value = declaration.partition(":")
        hides = _hides(name.strip().lower(), value.lower().replace("!important", "").strip())
        if hides is not None:
            found[name.strip().lower()] = hides
    if "animation" in declarations:
        found.pop("opacity", None)  # it fades in
    return found


def _hides(name: str, value: str) -> bool | None:
    if name == "display":
        return value == "none"
    if name == "visibility":
        return {"hidden": True, "collapse": True, "visible": False}.get(value)
    if name == "opacity":
        return _ZERO.fullmatch(value) is not None
    if name == "font-size":
        return True if _ZERO.fullmatch(value) else False if value.endswith(_SIZES) else None
    return None
