"""Several server processes on one library: they count together in Redis, and each sees what is added."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from limits import RateLimitItemPerMinute
from pydantic import ValidationError

from crpd_qa.errors import ExtraNotInstalledError
from crpd_qa.library.write import LibraryWriter
from crpd_qa.settings import Settings
from crpd_qa.web import counts as counting
from crpd_qa.web.counts import Counts
from crpd_qa.web.limits import DailyLimit
from crpd_qa.web.server import create_app
from free_port import free_port
from running_server import running
from small_library import HEAD

MINUTE = RateLimitItemPerMinute(3)


class Redis:
    """Debian's server, which a test may stop and start again."""

    def __init__(self):
        self.port = free_port()
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self._process = None

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        pytest.fail("redis-server does not start")

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=30)


@pytest.fixture
def redis(monkeypatch):
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed: .ci/run does that")
    monkeypatch.setattr(counting, "ANSWER_SECONDS", 5.0)  # other tests run beside this one
    monkeypatch.setattr(counting, "RETRY_SECONDS", 0.3)
    server = Redis()
    server.start()
    yield server
    server.stop()


def counts(redis):
    return Counts.of(Settings(shared_state=redis.address))


def test_processes_count_together(redis):
    one, other = counts(redis), counts(redis)
    assert [one.hit(MINUTE, "x", "203.0.113.1"), other.hit(MINUTE, "x", "203.0.113.1")] == [0, 0]
    assert one.hit(MINUTE, "x", "203.0.113.1") == 0
    assert 1 <= other.hit(MINUTE, "x", "203.0.113.1") <= 60
    assert other.hit(MINUTE, "x", "203.0.113.2") == 0
    assert other.hit(MINUTE, "y", "203.0.113.1") == 0
    assert DailyLimit(one, 1, 2).take("a")
    assert not DailyLimit(other, 1, 2).take("a")
    assert DailyLimit(other, 1, 2).take("b")
    assert not DailyLimit(one, 1, 2).take("c")


def test_while_redis_is_away_each_process_counts_by_itself_and_then_together_again(redis, caplog):
    one, other = counts(redis), counts(redis)
    redis.stop()
    for own in (one, other):
        assert [bool(own.hit(MINUTE, "x", "203.0.113.1")) for _ in range(4)] == [False, False, False, True]
    (said,) = {record.message.partition(" (")[0] for record in caplog.records}
    assert said == "CRPD_QA_SHARED_STATE does not answer"
    redis.start()
    time.sleep(counting.RETRY_SECONDS * 2)
    assert [one.hit(MINUTE, "x", "203.0.113.1"), other.hit(MINUTE, "x", "203.0.113.1")] == [0, 0]
    assert one.hit(MINUTE, "x", "203.0.113.1") == 0
    assert other.hit(MINUTE, "x", "203.0.113.1") > 0


def test_a_server_that_is_started_while_redis_is_away_answers_and_keeps_its_limits(assistant, redis):
    redis.stop()
    config = Settings(shared_state=redis.address, requests_per_minute=2)
    client = TestClient(create_app(assistant, config), client=("203.0.113.1", 1))
    statuses = [client.post("/api/v1/ask", json={"question": "paragraph 8"}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    redis.start()


def test_an_address_that_is_none_of_redis_is_refused_and_a_password_never_shown():
    with pytest.raises(ValidationError) as refused:
        Settings(shared_state="http://:secret@localhost")
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(Settings(shared_state="redis://:secret@localhost"))


def test_without_its_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis.backoff", None)
    with pytest.raises(ExtraNotInstalledError, match=r"crpd-qa\[redis\]"):
        Counts.of(Settings(shared_state="redis://localhost"))


def report(folder, number, text):
    path = folder / f"{number}.txt"
    head = HEAD.format(symbol=f"CRPD/C/AA{number}/1", state="Valdoria", date="3 May 2019")
    path.write_text(f"{head}1.\t{text}\n2.\tThe buses of the capital have lifts for wheelchairs.\n", encoding="utf-8")
    return path


@contextmanager
def two_servers(folder, tmp_path, **settings):
    with ExitStack() as stack:
        own = [stack.enter_context(running(folder, tmp_path / f"log-{n}", **settings)) for n in range(2)]
        yield [f"{address}/api/v1" for address in own]


def status(address):
    try:
        with urllib.request.urlopen(f"{address}/search?q=ramps", timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_two_servers_share_a_limit_and_both_see_at_once_what_is_added(empty_library, redis, tmp_path):
    folder = empty_library(tmp_path / "library")
    writer = LibraryWriter(folder, threads=1)
    writer.add(report(tmp_path, 1, "Ramps were built at 12 railway stations."))
    shared = {"SHARED_STATE": redis.address, "REQUESTS_PER_MINUTE": "6", "MULTILINGUAL_MODEL": "none"}
    with two_servers(folder, tmp_path, **shared) as (one, other):
        assert urlsplit(one).port != urlsplit(other).port
        assert [status(one)[0], status(other)[0]] == [200, 200]
        writer.add(report(tmp_path, 2, "Ramps were built at 7 harbours."))
        for address in (one, other):
            assert "7 harbours" in status(address)[1]
        assert [status(one)[0], status(other)[0], status(one)[0], status(other)[0]] == [200, 200, 429, 429]
