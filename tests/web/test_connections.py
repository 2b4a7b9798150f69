"""Slow clients, on a real server of three small pages."""

import asyncio
import socket
import threading
import time
from contextlib import suppress

import pytest
import uvicorn

from crpd_qa.web.connections import timed_protocol

LIMIT = 1.0
PLACES = 300  # both ends of a connection are files of this process
LARGE = 30_000_000
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def pages(scope, receive, send):
    """/slow takes three times the limit; /large is more than any buffer; / reads what is sent."""
    if scope["type"] != "http":
        return
    body = b""
    while scope["method"] == "POST":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * LIMIT)
    content = bytes(LARGE) if scope["path"] == "/large" else b"read " + body
    length = str(len(content)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": content})


@pytest.fixture(scope="module")
def port():
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        pages, http=timed_protocol(LIMIT), limit_concurrency=PLACES, log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


def connect(port, sent=b""):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(20 * LIMIT)
    connection.sendall(sent)
    return connection


def received(connection):
    """Everything until the server closes or resets it. Raises TimeoutError if it does neither."""
    content = b""
    with connection, suppress(ConnectionResetError):
        while more := connection.recv(1 << 20):
            content += more
    return content


def dribble(connection):
    for _ in range(200):
        connection.sendall(b"x")
        time.sleep(LIMIT / 10)


WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
BEGUN = [
    b"",
    b"GET",
    HEAD,
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf a body",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
    WHOLE + HEAD,
    WHOLE + b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nh",
]


def test_who_stops_in_the_middle_of_a_request_is_cut_off(port):
    connections = [connect(port, begun) for begun in BEGUN]  # together they wait no longer than one
    for begun, connection in zip(BEGUN, connections, strict=True):
        assert received(connection).count(b"HTTP/1.1 200") == begun.startswith(WHOLE), begun


@pytest.mark.parametrize("begun", [HEAD, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"])
def test_who_sends_a_byte_now_and_then_is_cut_off_too(port, begun):
    connection = connect(port, begun)
    with connection, pytest.raises((ConnectionResetError, BrokenPipeError)):
        dribble(connection)


def test_four_hundred_half_open_connections_are_gone_while_others_are_answered(port):
    half_open = [connect(port, HEAD) for _ in range(400)]
    assert b"read" in received(connect(port, HEAD + b"Connection: close\r\n\r\n"))
    assert {received(connection) for connection in half_open} == {b""}


def test_whoever_fills_all_places_with_half_open_connections_keeps_nobody_out(port):
    half_open = [connect(port, HEAD) for _ in range(PLACES + 50)]
    for _ in range(20):
        assert b"200 OK" in received(connect(port, HEAD + b"Connection: close\r\n\r\n"))
    for connection in half_open:
        connection.close()


def test_more_open_requests_than_places_are_refused_in_words(port):
    answered = [connect(port, HEAD.replace(b"/ ", b"/slow ") + b"Connection: close\r\n\r\n") for _ in range(PLACES - 1)]
    time.sleep(LIMIT / 2)  # all are being answered
    assert b"503 Service Unavailable" in received(connect(port, HEAD + b"Connection: close\r\n\r\n"))
    assert all(b"200 OK" in received(connection) for connection in answered)


def test_an_answer_may_take_longer_than_the_request(port):
    assert b"read" in received(connect(port, HEAD.replace(b"/ ", b"/slow ") + b"Connection: close\r\n\r\n"))


def test_a_request_may_come_in_pieces_and_one_connection_serve_for_several(port):
    connection = connect(port)
    for _ in range(5):
        for piece in (b"POST / HTTP/1.1\r\nHost: localhost\r\n", b"Content-Length: 4\r\n\r\n", b"sign"):
            connection.sendall(piece)
            time.sleep(LIMIT / 10)
        assert connection.recv(1000).endswith(b"read sign")
    connection.close()


def test_who_reads_nothing_is_cut_off(port):
    connection = connect(port, HEAD.replace(b"/ ", b"/large ") + b"\r\n")
    time.sleep(4 * LIMIT)
    assert len(received(connection)) < LARGE


def test_who_reads_slowly_gets_everything(port):
    connection = connect(port, HEAD.replace(b"/ ", b"/large ") + b"Connection: close\r\n\r\n")
    got = 0
    begun = time.monotonic()
    with connection:
        while more := connection.recv(1 << 20):
            got += len(more)
            time.sleep(LIMIT / 10)
    assert got > LARGE
    assert time.monotonic() - begun > 2 * LIMIT  # it took longer than the limit
