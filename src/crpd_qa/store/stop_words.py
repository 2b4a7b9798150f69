"""bm25s' lists of stop words, without the rest of it: importing bm25s loads SciPy, which answering does not need."""

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType


def _lists() -> ModuleType:
    package = find_spec("bm25s")
    assert package  # a dependency of this one
    assert package.origin
    spec = spec_from_file_location("crpd_qa._bm25s_stop_words", Path(package.origin).with_name("stopwords.py"))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_FOUND = _lists()
ENGLISH = frozenset[str](_FOUND.STOPWORDS_EN_PLUS)
RUSSIAN = frozenset[str](_FOUND.STOPWORDS_RUSSIAN)
FRENCH = frozenset[str](_FOUND.STOPWORDS_FRENCH)
SPANISH = frozenset[str](_FOUND.STOPWORDS_SPANISH)
