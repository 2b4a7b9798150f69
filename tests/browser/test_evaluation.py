"""The report of an evaluation, in a browser."""

import pytest

from crpd_qa.evaluate.question_set import EvalQuestion
from crpd_qa.evaluate.report import write_report
from crpd_qa.evaluate.run import evaluate, results

pytestmark = pytest.mark.browser

LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 800}},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "forced": {"viewport": {"width": 1280, "height": 800}, "forced_colors": "active"},
    "phone": {"viewport": {"width": 320, "height": 640}},
}


@pytest.fixture(scope="module")
def report(assistant, tmp_path_factory):
    hostile = "<img src=x onerror='window.hacked = 1'> paragraph 8 " + "W" * 90
    asked = [
        ("fact", "paragraph 8", "km2"),
        ("fact", hostile, "miles"),
        ("lay", "qzx vbnm", "x"),
        ("none", "para 9", ""),
    ]
    judged = evaluate(
        assistant,
        [
            EvalQuestion(
                id=f"q-{number}",
                type=kind,
                lang="en",
                question=text,
                answerable=kind != "none",
                support=() if kind == "none" else ((8,),),
                facts=(fact,),
                answer="<script>window.hacked = 1</script>",
            )
            for number, (kind, text, fact) in enumerate(asked)
        ],
    )
    found = results(assistant, [], judged)
    changed = (found.questions[:1], found.questions[1:])
    return write_report(found, judged, assistant.library, tmp_path_factory.mktemp("report"), changed)


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_cut_axe_finds_nothing_and_no_question_is_run(context_of, report, violations, look):
    page = context_of(**LOOKS[look]).new_page()
    page.goto(report.as_uri())
    assert violations(page) == []
    assert page.locator(".miss").first.is_hidden()  # the figures come first, the rest when it is wanted
    for folded in page.locator("summary").all():
        folded.press("Enter")
    assert page.locator(".miss .sides").first.is_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    cut = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((e) => e.getBoundingClientRect().right > innerWidth).map((e) => e.outerHTML.slice(0, 100))"""
    )
    assert cut == []
    assert page.evaluate("window.hacked") is None
    page.close()


def test_on_a_phone_the_figures_are_a_few_screens_and_on_paper_nothing_is_folded(context_of, report):
    page = context_of(**LOOKS["phone"]).new_page()
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollHeight") < 4000
    page.emulate_media(media="print")
    for shown in (*page.locator(".miss .sides").all(), page.locator(".figures table").first):
        assert shown.is_visible()
    page.close()
