"""docs/design.md says of static/design.css what is so, and the widget has the same colours."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "crpd_qa" / "web" / "static"
COLOUR = re.compile(r"(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\)")
PAIR = re.compile(r"\| `(--[\w-]+)` on `(--[\w-]+)` \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|")


def colours(name):
    return {name: (light, dark) for name, light, dark in COLOUR.findall((STATIC / name).read_text("utf-8"))}


def luminance(colour):
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def told():
    return (ROOT / "docs" / "design.md").read_text("utf-8")


def test_every_pair_of_colours_has_the_contrast_that_it_is_said_to_have_and_that_it_needs(told):
    own = colours("design.css")
    pairs = PAIR.findall(told)
    assert len(pairs) >= 13
    for one, other, least, *figures in pairs:
        measured = [contrast(own[one][scheme], own[other][scheme]) for scheme in (0, 1)]
        assert [f"{figure:.1f}" for figure in measured] == figures, (one, other)
        assert min(measured) >= float(least), (one, other)


def test_every_colour_is_listed_as_it_is(told):
    rows = re.findall(r"\| `(--[\w-]+)` \| [^|]+ \| `(#\w{6})` \| `(#\w{6})` \|", told)
    listed = {name: (light, dark) for name, light, dark in rows}
    assert listed == colours("design.css")


def test_the_widget_has_the_same_colours():
    own = colours("widget.js")
    assert len(own) >= 9
    assert own == {name: both for name, both in colours("design.css").items() if name in own}
