"""Files of questions and answers, for the tests of batches."""

import json

ROWS = [
    {"id": "a", "question": "What does paragraph 8 say?", "office": "north"},
    {"id": "b", "question": "And then the following one?", "history": ["What does paragraph 8 say?"], "text": "mine"},
    {"question": "zxcv qwer asdf", "n": 3},
]


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read_jsonl(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def without_times(records):
    return [{key: value for key, value in record.items() if key != "timings_ms"} for record in records]
