import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from crpd_qa.errors import ServerError
from crpd_qa.web.server import check_address

APP = Path(__file__).parents[2] / "app.py"
SECRET = "a-question-that-nobody-may-log"


@pytest.fixture(scope="module")
def started(index_folder, tmp_path_factory):
    """(address, seconds until the page came, file with all the server printed)"""
    port = 7979
    log = tmp_path_factory.mktemp("server") / "log"
    begun = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(APP)],
            env=os.environ | {"CRPD_QA_PORT": str(port), "CRPD_QA_INDEX": str(index_folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                urllib.request.urlopen(address, timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() - begun < 60
                time.sleep(0.05)
        yield address, time.monotonic() - begun, log
        process.terminate()
        process.wait(timeout=10)


def test_the_page_is_there_soon_after_the_start(started):
    assert started[1] < 8  # about 2.6 s on an idle machine of two cores; this one is shared


def test_the_server_says_that_it_is_well(started):
    with urllib.request.urlopen(f"{started[0]}/healthz") as response:
        assert response.read() == b'{"status":"ok"}'


def test_pages_are_served_with_privacy_headers(started):
    with urllib.request.urlopen(started[0]) as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_nothing_that_a_visitor_sends_is_printed(started):
    address, _, log = started
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{address}/{SECRET}?q={SECRET}")
    assert "Chat: http" in log.read_text()
    assert SECRET not in log.read_text()


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 7860), ("no-such-host.invalid", 7860)])
def test_an_address_that_is_not_this_machines_is_named(host, port):
    with pytest.raises(ServerError, match=host):
        check_address(host, port)
