"""The packaged reader, as it is."""

import json
import shutil
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from crpd_qa import Assistant
from crpd_qa.encode.session import session
from crpd_qa.errors import ModelError
from crpd_qa.read.inputs import MAX_QUESTION_WORDS, inputs, reader_tokenizer
from crpd_qa.read.reader import MOST_WINDOWS, MULTILINGUAL, PACKAGED, Reader
from crpd_qa.read.windows import windows
from crpd_qa.settings import settings
from running_server import running

COURT = "Does the court hire a sign language interpreter for deaf people?"


@pytest.fixture(scope="module")
def reader(reading):
    return reading.reader


def test_the_paragraph_that_answers_is_told_from_those_that_are_near(reader, document):
    court, *others = reader.read(COURT, [document.paragraph(n) for n in (219, 218, 220, 107, 354)])
    assert court.answers > max(other.answers for other in others) + 2


def test_the_sentence_that_is_needed_is_told_from_those_beside_it(reader, document):
    paragraph = document.paragraph(219)
    [reading] = reader.read(COURT, [paragraph])
    best = paragraph.text[slice(*paragraph.sentences[int(reading.sentences.argmax())])]
    assert "sign language interpreter" in best


def test_the_words_that_are_asked_for_are_found_in_their_paragraph(reader, document):
    paragraph = document.paragraph(107)
    [reading] = reader.read("What share of the population has a disability?", [paragraph])
    words = reading.asked_for[int(reading.sentences.argmax())]
    assert paragraph.text[words.start : words.end] == "3.7 per cent"
    assert words.probability > 0.5


def test_an_attribute_that_a_paragraph_lacks_is_noticed(reader, document):
    paragraph = document.paragraph(107)
    [asked] = reader.read("How many persons have a disability?", [paragraph])
    [other] = reader.read("How many persons with a disability own a car?", [paragraph])
    assert asked.answers > other.answers + 2


def test_each_sentence_of_each_paragraph_is_judged_however_long_the_paragraph_is(reader, document):
    long = max(document, key=lambda p: len(p.text))
    assert len(windows(long)) > 1
    both = (long, document.paragraph(8))
    for paragraph, reading in zip(both, reader.read(COURT, both), strict=True):
        assert reading.sentences.shape == (len(paragraph.sentences),)
        assert np.isfinite(reading.sentences).all()
        assert np.isfinite(reading.answers)


def test_what_is_read_beside_a_paragraph_changes_nothing_of_what_is_said_of_it(reader, document):
    some = list(document)[215:223]
    together = [reading.answers for reading in reader.read(COURT, some)]
    assert together == [reader.read(COURT, [paragraph])[0].answers for paragraph in some]


def test_of_a_long_question_the_last_words_are_read(document):
    tokenizer = reader_tokenizer(str(PACKAGED / "tokenizer.json"))
    [window] = windows(document.paragraph(8))
    tail = "how large is the country"
    long = " ".join(["before"] * MAX_QUESTION_WORDS) + " " + tail
    ids = inputs(tokenizer, [(long, window)]).ids[0].tolist()
    wanted = tokenizer.encode(tail, add_special_tokens=False).ids
    assert any(ids[n : n + len(wanted)] == wanted for n in range(len(ids)))


def test_none_is_no_reader_and_a_folder_is_another():
    assert Reader.named("none") is None
    assert Reader.named(str(PACKAGED)).load()


def test_a_reader_that_cannot_be_loaded_is_refused_in_a_line(tmp_path):
    with pytest.raises(ModelError, match=r"CRPD_QA_READER, or none") as error:
        Reader.named(str(tmp_path / "nowhere")).load()
    assert "\n" not in str(error.value)
    shutil.copy(PACKAGED / "tokenizer.json", tmp_path)
    (tmp_path / "reader.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=str(tmp_path)):
        Reader.named(str(tmp_path)).load()


def test_the_model_is_loaded_once_and_by_what_reads_alone(library, document, monkeypatch):
    loaded = []
    monkeypatch.setattr(
        "crpd_qa.read.reader.session", lambda path, threads: loaded.append(path) or session(path, threads)
    )
    Reader.packaged.cache_clear()
    assistant = Assistant(library, settings().model_copy(update={"reader": "packaged"}))
    assistant.search(COURT)
    assistant.ask("paragraph 8")
    assert loaded == []
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: assistant.reader.read(COURT, [document.paragraph(219)]), range(4)))
    assert loaded == [PACKAGED / "reader.onnx"]


def test_no_file_is_too_large_for_a_repository_and_all_are_small_enough_for_the_package():
    sizes = [file.stat().st_size for folder in (PACKAGED, MULTILINGUAL) for file in folder.iterdir()]
    assert max(sizes) < 95_000_000
    assert sum(sizes) < 160_000_000


@pytest.mark.parametrize(
    "question",
    [
        "Нанимает ли суд сурдопереводчика для глухих?",
        "Сот естімейтін адамдарға ымдау тілінің аудармашысын жалдай ма?",
        "Le tribunal engage-t-il un interprète en langue des signes pour les sourds ?",
        "¿Contrata el tribunal a un intérprete de lengua de señas para las personas sordas?",
    ],
)
def test_a_question_in_another_language_is_read_together_with_paragraphs_in_english(reading, document, question):
    read = reading.multilingual_reader.read(question, [document.paragraph(n) for n in (219, 218, 220, 107, 354)])
    assert read[0].answers > max(other.answers for other in read[1:])
    paragraph = document.paragraph(219)
    best = paragraph.text[slice(*paragraph.sentences[int(read[0].sentences.argmax())])]
    assert "sign language interpreter" in best


def test_the_server_reads_unless_it_is_told_not_to(index_folder, tmp_path):
    body = json.dumps({"question": COURT}).encode()
    with running(index_folder, tmp_path / "log", READER="packaged") as address:
        request = urllib.request.Request(
            f"{address}/api/v1/ask", data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
    assert "219" in {citation["label"] for citation in answer["citations"]}


def test_of_a_paragraph_of_many_windows_those_with_the_nearest_sentences_are_read(reader, document):
    several = [document.paragraph(number) for number in (219, 354, 424, 333, 276, 45)]
    text, sentences = "", []
    for paragraph in several:
        sentences += [(len(text) + start, len(text) + end) for start, end in paragraph.sentences]
        text += f"{paragraph.text}\n"
    long = replace(several[0], text=text, sentences=tuple(sentences))
    assert len(windows(long)) > MOST_WINDOWS
    near = np.arange(len(long.sentences), dtype=np.float32)
    [reading] = reader.read(COURT, [long], [near])
    wanted = {number for window in windows(long)[-MOST_WINDOWS:] for number, *_ in window.sentences}
    assert set(np.flatnonzero(np.isfinite(reading.sentences)).tolist()) == wanted
