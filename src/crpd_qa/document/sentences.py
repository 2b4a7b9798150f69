"""Sentences as spans. nupunkt (Bommarito et al. 2025, made for legal text) decides where one ends."""

from functools import cache

from nupunkt import PunktSentenceTokenizer, load_default_model


@cache
def _tokenizer() -> PunktSentenceTokenizer:
    """nupunkt's model, told of the abbreviations of United Nations reports."""
    tokenizer = load_default_model()
    for abbreviation in ("arts", "chap", "chaps", "sects", "subparas"):
        tokenizer.add_abbreviation(abbreviation)
    tokenizer.remove_abbreviation("cent")  # "99.6 per cent. Adult literacy ..."
    return tokenizer


def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """[start, end) of each sentence, in order, without white space at either end.

    A line never runs into the next: every bullet of a list is at least one sentence,
    and so is the line that introduces the list. The mark of a bullet is left out.
    """
    spans = []
    line_start = 0
    for line in text.split("\n"):
        offset = line_start + (2 if line.startswith("• ") else 0)
        body = text[offset : line_start + len(line)]
        for start, end in _tokenizer().span_tokenize(body):
            sentence = body[start:end]
            if sentence.strip():
                left = len(sentence) - len(sentence.lstrip())
                spans.append((offset + start + left, offset + start + len(sentence.rstrip())))
        line_start += len(line) + 1
    return tuple(spans)
