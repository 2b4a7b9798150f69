"""Four bits a number: what they change, and what they do not."""

import numpy as np

from crpd_qa.store.tokens import TokenRows, content_mask, dequantize, quantize

QUESTIONS = (
    "Will the court get me a sign language interpreter?",
    "How many persons have a disability?",
    "Is there a quota for hiring disabled people?",
    "How long is a school year?",
    "Can blind people vote by themselves?",
    "Who helps women who are beaten at home?",
)


def encoded(encoder, text):
    found = encoder.encode(text)
    return found.keep(content_mask(text, found)).tokens


def test_questions_rank_paragraphs_as_with_whole_vectors(assistant, document):
    encoder = assistant.library.encoder
    whole = [encoded(encoder, paragraph.text) for paragraph in document.paragraphs[80:240]]
    coarse = [dequantize(quantize(vectors)) for vectors in whole]
    first, kept = 0, []
    for question in QUESTIONS:
        asked = encoded(encoder, question)
        exact, near = (
            np.array([(vectors @ asked.T).max(axis=0).mean() for vectors in rows]) for rows in (whole, coarse)
        )
        first += exact.argmax() == near.argmax()
        assert exact.argmax() in np.argsort(-near)[:2]
        kept.append(len(set(np.argsort(-exact)[:10]) & set(np.argsort(-near)[:10])) / 10)
        assert np.corrcoef(exact, near)[0, 1] > 0.99
    assert first >= len(QUESTIONS) - 1
    assert np.mean(kept) >= 0.9


def test_a_vector_keeps_its_direction_and_takes_half_a_byte_a_number(assistant):
    vectors = encoded(assistant.library.encoder, "Ramps were built at twelve railway stations of the capital.")
    codes = quantize(vectors)
    assert codes.dtype == np.uint8
    assert codes.shape == (len(vectors), vectors.shape[1] // 2)
    back = dequantize(codes)
    assert np.allclose(np.linalg.norm(back, axis=1), 1, atol=1e-5)
    assert ((vectors * back).sum(axis=1) > 0.98).all()


def test_token_vectors_are_read_from_the_disk_paragraph_by_paragraph(library):
    store = library.store
    positions = np.array([218, 7, 507])
    together = store.tokens(positions)
    for place, position in enumerate(positions.tolist()):
        alone = store.tokens(np.array([position]))
        start, end = together.offsets[place : place + 2]
        assert (together.vectors[start:end] == alone.vectors).all()
        assert (together.sentences[place] == alone.sentences[0]).all()
        assert alone.sentences[0].max() < len(library.at(position)[1].sentences)


def test_a_document_that_the_encoder_does_not_read_has_no_token_vectors():
    rows = TokenRows.without_vectors(3, 384)
    assert dequantize(rows.codes).shape == (0, 384)
    assert rows.offsets.tolist() == [0, 0, 0, 0]
