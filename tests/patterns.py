"""Every regular expression of the program, how it is used, and text that is hostile to it."""

import ast
import functools
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any, Literal, NamedTuple, get_args, get_origin

import crpd_qa

USES = {"fullmatch": "fullmatch", "match": "match"} | dict.fromkeys(
    ("search", "finditer", "findall", "sub", "subn", "split"), "finditer"
)
"""A pattern's method, and the one that stands for it: finditer looks everywhere, as all of these may."""
MANY = 40
"""A repetition of more than so many can be pumped."""


class Used(NamedTuple):
    where: str
    """Module and name, or line."""
    pattern: re.Pattern[Any]
    use: str
    """One of USES' values."""


def modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(crpd_qa.__path__, "crpd_qa.")
    return [importlib.import_module(module.name) for module in found if not module.name.endswith("__main__")]


def used_patterns() -> list[Used]:
    """Those that modules, their classes, tables and cached functions hold, and those written where they are used."""
    trees = {module: ast.parse(inspect.getsource(module)) for module in modules()}
    uses = _uses(trees)
    found: dict[tuple[re.Pattern[Any], str], str] = {}
    for module, tree in trees.items():
        short = module.__name__.removeprefix("crpd_qa.")
        for name, value in list(vars(module).items()):
            own = uses[module.__name__, name] | (set() if name.startswith("_") else uses["", name])
            for pattern in _held(value, module):
                for use in own or {"finditer"}:
                    found.setdefault((pattern, use), f"{short}.{name}")
        for line, pattern, use in _inline(tree, module):
            found.setdefault((pattern, use), f"{short}:{line}")
    return [Used(where, pattern, use) for (pattern, use), where in found.items()]


def _uses(trees: dict[ModuleType, ast.Module]) -> dict[tuple[str, str], set[str]]:
    """(module, name) -> how that name's patterns are used there; ("", name) -> how they are anywhere."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for module, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in USES:
                held = node.value
                while isinstance(held, ast.Subscript):
                    held = held.value
                name = held.id if isinstance(held, ast.Name) else held.attr if isinstance(held, ast.Attribute) else ""
                found[module.__name__, name].add(USES[node.attr])
                found["", name].add(USES[node.attr])
    return found


def _held(value: object, module: ModuleType, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth > 4:
        return
    elif isinstance(value, dict):
        for item in value.values():
            yield from _held(item, module, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _held(item, module, depth + 1)
    elif isinstance(value, functools._lru_cache_wrapper):
        yield from _held(list(_results(value, module)), module, depth + 1)
    elif type(value).__module__.startswith("crpd_qa") or (
        isinstance(value, type) and value.__module__ == module.__name__
    ):
        yield from _held(dict(getattr(value, "__dict__", {})), module, depth + 1)


def _results(function: Any, module: ModuleType) -> Iterator[object]:
    """What a cached function that compiles patterns, for each language if it takes one, gives."""
    written = function.__wrapped__
    if written.__module__ != module.__name__ or "re.compile" not in inspect.getsource(written):
        return
    parameters = list(inspect.signature(written).parameters.values())
    if not parameters:
        yield function()
    elif len(parameters) == 1 and get_origin(parameters[0].annotation) is Literal:
        yield from map(function, get_args(parameters[0].annotation))


def _inline(tree: ast.Module, module: ModuleType) -> Iterator[tuple[int, re.Pattern[Any], str]]:
    """`re.search(r"...", text)`; what only the function knows stands for a word."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name), args=[written, *_]) if name in USES:
                flags = next((k.value for k in node.keywords if k.arg == "flags"), None)
                if (
                    flags is None
                    and len(node.args) == 3
                    and name in ("search", "match", "fullmatch", "findall", "finditer")
                ):
                    flags = node.args[2]
                known = {"re": re} | vars(module)
                text = _text(written, known)
                if text is not None:
                    yield node.lineno, re.compile(text, eval(ast.unparse(flags), known) if flags else 0), USES[name]


def _text(written: ast.expr, known: dict[str, Any]) -> str | bytes | None:
    if isinstance(written, ast.JoinedStr):
        parts = [part if isinstance(part, ast.Constant) else part.value for part in written.values]  # type: ignore[attr-defined]
        return "".join(str(_text(part, known) or "word") for part in parts)
    try:
        value = eval(ast.unparse(written), known)
    except Exception:
        return None
    return value if isinstance(value, str | bytes) else None


class Pump(NamedTuple):
    beginning: str
    unit: str
    """Repeated."""
    end: str


NOTHING = "\0"
"""What no pattern waits for, so that it tries all that it can."""


def pumps(pattern: re.Pattern[Any]) -> set[Pump]:
    """What the pattern's own repetitions take, after what it wants before them; none if nothing repeats without end."""
    return set(_pumps(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG), [""]))


def _pumps(tree: Any, before: list[str]) -> Iterator[Pump]:
    before = before[:3]
    for kind, value in tree:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            _, most, inner = value
            if most == op.MAXREPEAT or most >= MANY:
                for beginning, unit, end in product(before, _samples(inner), [NOTHING, *_ends(inner)]):
                    yield Pump(beginning, unit, end)
                    yield Pump("", beginning + unit, end)
                    if beginning:
                        yield Pump("", beginning, end)
            yield from _pumps(inner, before)
        for inner in _within(kind, value):
            yield from _pumps(inner, before)
        after = _samples([(kind, value)])
        before = [beginning + sample for beginning in before for sample in after][:3]


def _ends(tree: Any) -> list[str]:
    """What ends a repetition of all characters but one."""
    excluded = [chr(value) for kind, value in tree if kind is op.NOT_LITERAL]
    for kind, value in tree:
        if kind is op.IN and value[0][0] is op.NEGATE:
            excluded += [chr(item) for inside, item in value if inside is op.LITERAL]
    return excluded[:2]


def _within(kind: Any, value: Any) -> list[Any]:
    if kind is op.BRANCH:
        return list(value[1])
    if kind is op.SUBPATTERN:
        return [value[-1]]
    if kind is op.ATOMIC_GROUP:
        return [value]
    return [value[1]] if kind in (op.ASSERT, op.ASSERT_NOT) else []


def _samples(tree: Any) -> list[str]:
    """Up to three short texts that a part of a pattern takes."""
    found = [""]
    for kind, value in tree:
        if kind is op.LITERAL:
            own = [chr(value)]
        elif kind is op.NOT_LITERAL:
            own = ["a" if value != ord("a") else "b"]
        elif kind is op.ANY:
            own = ["a"]
        elif kind is op.IN:
            own = _members(value)
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            own = [sample * max(1, value[0]) for sample in _samples(value[2])]
        elif kind is op.BRANCH:
            own = [sample for branch in value[1][:3] for sample in _samples(branch)[:1]]
        elif kind in (op.SUBPATTERN, op.ATOMIC_GROUP) or (kind is op.ASSERT and value[0] < 0):
            own = _samples(_within(kind, value)[0])
        else:
            own = [""]
        found = [before + sample for before in found for sample in own][:3]
    return found


def _members(value: Any) -> list[str]:
    wanted = not (value and value[0][0] is op.NEGATE)
    candidates = [" ", "a", "1", "A", ".", ",", "-", "\t", "\n", "’", "я", "("]
    candidates += [chr(item) for kind, item in value if kind is op.LITERAL]
    candidates += [chr(item[0]) for kind, item in value if kind is op.RANGE]
    return [character for character in candidates if any(map(_is_in, value, [character] * len(value))) is wanted][:3]


def _is_in(item: tuple[Any, Any], character: str) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return ord(character) == value
    if kind is op.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is op.CATEGORY:
        written = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[value.name.split("_")[-1]]
        return bool(re.match(written.upper() if "NOT" in value.name else written, character))
    return False
