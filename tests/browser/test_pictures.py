"""How the main states look: a picture of each at half its size, in `pictures/`.

Where the look is to change, look at the new pictures, and keep them:

    RENEW_PICTURES=1 pytest tests/browser/test_pictures.py

Letters are DejaVu Sans without hinting and without subpixels on every machine (`fonts.conf`), since a system that hints
changes thousands of pixels: what a tolerance lets pass that is as large, may be a broken look. So it is small.
"""

import io
import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import expect

from chromium import ARGUMENTS, CHROMIUM, LETTERS, VISIBLE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        "CI" not in os.environ and not Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").exists(),
        reason="the pictures' font is in Debian's fonts-dejavu-core",
    ),
]

PICTURES = Path(__file__).parent / "pictures"
DESK = {"viewport": {"width": 1280, "height": 800}}
DARK = DESK | {"color_scheme": "dark"}
PHONE = {"viewport": {"width": 360, "height": 740}}
COURT = "I'm deaf, will the judge pay someone to sign for me?"
UNANSWERED = "How many wheelchairs were handed out free of charge in 1994?"
COLOURS = 128
"""Of a picture that is kept: all that the design has, and those between that letters' edges need."""
BLUR = 3
"""Letters that another version of the browser draws a little otherwise have the same average."""
LEVELS = 10
"""Of 255, by which a colour may differ."""
PIXELS = 60
"""That may differ by more: some 0.02 %."""


def asked(page, question):
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.locator(".turn").wait_for()


def start(open_page, _):
    return open_page("/chat/en", **DESK)


def start_on_a_phone(open_page, _):
    return open_page("/chat/en", **PHONE)


def answer(open_page, _):
    page = open_page("/chat/en", **DESK)
    asked(page, COURT)
    return page


def answer_in_the_dark(open_page, _):
    page = open_page("/chat/en", **DARK)
    asked(page, COURT)
    return page


def answer_on_a_phone(open_page, _):
    page = open_page("/chat/en", **PHONE)
    asked(page, COURT)
    return page


def declined(open_page, _):
    page = open_page("/chat/en", **DESK)
    asked(page, UNANSWERED)
    return page


def reader(open_page, _):
    page = open_page("/report?lang=en&para=219&quote=0-162#para-219", **DESK)
    page.evaluate(VISIBLE)
    page.locator("#para-219").evaluate("paragraph => paragraph.scrollIntoView()")
    return page


def library(open_page, _):
    return open_page("/library?lang=en", **DESK)


def widget(_, open_site):
    page = open_site("examples/site/index.html", **DESK)
    page.locator(".opener").click()
    page.locator("textarea").fill(COURT)
    page.locator("textarea").press("Enter")
    page.locator(".citation").click()
    expect(page.locator(".source[open] mark").last).to_be_visible()
    return page


STATES = (start, start_on_a_phone, answer, answer_in_the_dark, answer_on_a_phone, declined, reader, library, widget)


def picture(page):
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)  # what follows a scroll
    taken = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    return taken.reduce(2).quantize(COLOURS, dither=Image.Dither.NONE)


def difference(one, other):
    """In black and white: where they differ by more than is allowed."""
    alike = [each.convert("RGB").filter(ImageFilter.BoxBlur(BLUR)) for each in (one, other)]
    red, green, blue = ImageChops.difference(*alike).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point(lambda level: 255 if level > LEVELS else 0)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_it_looks_as_it_did(open_page, open_site, tmp_path, state):
    kept = PICTURES / f"{state.__name__.replace('_', '-')}.png"
    now = picture(state(open_page, open_site))
    if "RENEW_PICTURES" in os.environ:
        now.save(kept, optimize=True)
        return
    before = Image.open(kept)
    assert now.size == before.size
    differs = difference(before, now)
    count = differs.histogram()[255]
    if count > PIXELS:
        now.save(tmp_path / "now.png")
        differs.save(tmp_path / "difference.png")
        pytest.fail(
            f"{count} pixels differ, within {differs.getbbox()} at half the size.\n"
            f"expected:   {kept}\nnow:        {tmp_path / 'now.png'}\ndifference: {tmp_path / 'difference.png'}\n"
            "If it is to look like that now: RENEW_PICTURES=1 pytest tests/browser/test_pictures.py",
            pytrace=False,
        )


HINTED = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>
  <dir>/usr/share/fonts</dir>
  <match target="font">
    <edit name="hinting"><bool>true</bool></edit><edit name="hintstyle"><const>hintfull</const></edit>
    <edit name="rgba"><const>rgb</const></edit>
  </match>
</fontconfig>"""


def test_how_a_person_has_letters_drawn_changes_nothing(browser, server, tmp_path):
    (tmp_path / "fontconfig").mkdir()
    (tmp_path / "fontconfig" / "fonts.conf").write_text(HINTED)
    theirs = {"XDG_CONFIG_HOME": str(tmp_path)}
    plain = browser.new_page(**DESK)
    plain.goto(f"{server}/about?lang=en")
    ours = picture(plain)
    plain.close()
    drawn = []
    for env in (LETTERS | theirs, LETTERS | {"FONTCONFIG_FILE": str(tmp_path / "fontconfig" / "fonts.conf")}):
        chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=env)
        page = chromium.new_page(**DESK)
        page.goto(f"{server}/about?lang=en")
        drawn.append(difference(ours, picture(page)).histogram()[255])
        chromium.close()
    assert drawn[0] == 0
    assert drawn[1] > PIXELS  # or the file of ours would not be needed


def test_the_pictures_are_small():
    files = list(PICTURES.iterdir())
    assert {file.stem for file in files} == {state.__name__.replace("_", "-") for state in STATES}
    assert sum(file.stat().st_size for file in files) < 400_000
