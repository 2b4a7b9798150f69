"""A scope as people write it: what it becomes, and what is said of a value that cannot be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crpd_qa.documents.model import KINDS
from crpd_qa.errors import ScopeError
from crpd_qa.scope import Scope


@pytest.mark.parametrize(
    ("given", "scope"),
    [
        ({}, Scope()),
        ({"state": "", "kind": None, "article": [], "year": ()}, Scope()),
        ({"state": "Kenya"}, Scope(state=("KEN",))),
        ({"state": ["ken", "Кения", "KEN"]}, Scope(state=("KEN",))),
        ({"state": "Türkiye; Trinidad"}, Scope(state=("TUR", "TTO"))),
        ({"kind": "State report"}, Scope(kind=("state-report",))),
        ({"kind": ["replies", "list-of-issues"]}, Scope(kind=("replies", "list-of-issues"))),
        ({"article": 24}, Scope(article=(24,))),
        ({"article": ["9", " 19 "]}, Scope(article=(9, 19))),
        ({"document": " crpd/c/ken/1 "}, Scope(document=("CRPD/C/KEN/1",))),
        ({"document_language": "RU"}, Scope(document_language=("ru",))),
        ({"year": 2012}, Scope(year=(2012, 2012))),
        ({"year": "2020-2010"}, Scope(year=(2010, 2020))),
        ({"year": "2010–2020"}, Scope(year=(2010, 2020))),
        ({"year": [2010, 2020]}, Scope(year=(2010, 2020))),
    ],
)
def test_a_scope_is_read_as_people_write_it(given, scope):
    assert Scope.of(given) == scope
    assert Scope.of(scope.to_dict()) == scope
    assert bool(scope) == bool(scope.to_dict())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"land": "Kenya"},
            "unknown in a scope: land; known are article, document, document_language, kind, state, year",
        ),
        (
            {"state": "Atlantis"},
            "'Atlantis' is no State that is known here: give its usual name or its code, such as KEN",
        ),
        ({"kind": "poem"}, f"'poem' is no kind of document; there are {', '.join(KINDS)}"),
        ({"article": 0}, "0 is not an article: a number from 1 to 50"),
        ({"article": "fifty-one"}, "'fifty-one' is not an article: a number from 1 to 50"),
        ({"article": ["9", "²"]}, "'²' is not an article"),
        ({"article": "9" * 5000}, "is not an article"),
        ({"document_language": "klingon"}, "'klingon' is no language of documents; there are en, ru, fr, es"),
        ({"year": "soon"}, "'soon' is not a year"),
        ({"year": 20121}, "20121' is not a year"),
        ({"year": "2010-2012-2014"}, "give one year, or the first and the last: 2010-2020"),
    ],
)
def test_what_cannot_be_is_named_with_what_can(given, message):
    with pytest.raises(ScopeError, match=re.escape(message)):
        Scope.of(given)


VALUES = st.one_of(
    st.none(), st.text(max_size=12), st.integers(), st.lists(st.one_of(st.text(max_size=5), st.integers()))
)


@given(st.dictionaries(st.sampled_from(["state", "kind", "article", "document", "document_language", "year"]), VALUES))
def test_anything_else_is_a_scope_or_refused_in_words(given):
    try:
        scope = Scope.of(given)
    except ScopeError:
        return
    assert Scope.of(scope.to_dict()) == scope
