from crpd_qa.retrieve.context import count_tokens


def test_a_context_holds_whole_paragraphs_best_first_within_its_budget(assistant):
    context = assistant.context("sign language interpreters in court", max_tokens=400)
    first, *others = context.split("\n\n")
    assert first == f"[219] {assistant.paragraph(219).text}"
    assert others
    assert count_tokens(context) <= 400


def test_a_budget_at_the_edge_takes_the_paragraph_and_one_token_less_does_not(assistant):
    best = assistant.search("territory in square kilometres", top=1)[0]
    text = f"[{best.number}] {assistant.paragraph(best.number).text}\n\n"
    assert assistant.context("territory in square kilometres", count_tokens(text)) == text.rstrip()
    assert assistant.context("territory in square kilometres", count_tokens(text) - 1) == ""


def test_names_of_special_tokens_are_plain_text():
    assert count_tokens("<|endoftext|>") > 1
