import re

from crpd_qa.evaluate.question_set import EvalQuestion
from crpd_qa.evaluate.report import write_report
from crpd_qa.evaluate.run import compare, evaluate, results


def test_the_report_shows_figures_plots_and_every_miss_as_text(assistant, document, tmp_path):
    hostile = '<script>alert(1)</script> paragraph 8 " onload=x'
    asked = [
        EvalQuestion(
            id=f"q-{i}", type="fact", lang="en", question=text, answerable=True, support=((8,),), facts=(fact,)
        )
        for i, (text, fact) in enumerate([("paragraph 8", "km2"), ("paragraph 8", "miles"), (hostile, "<b>")])
    ]
    judgements = evaluate(assistant, asked)
    found = results(assistant, [], judgements)
    page = write_report(found, judgements, document, tmp_path / "report", compare(found, found))
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert re.findall(r"<strong>(q-\d)</strong>", html) == ["q-1", "q-2"]
    assert html.count("data:image/png;base64,") == 3
    assert "http" not in re.sub(r"base64,[^\"]+", "", html).replace("http-equiv", "")
    assert "0 better, 0 worse" in html
