"""A real HTTP server on loopback that speaks the OpenAI chat protocol, and misbehaves on purpose."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Request = dict[str, Any]
Script = Callable[["Exchange"], None]
PATIENCE_SECONDS = 60
"""So long a script goes on for who does not hang up."""


class Exchange(BaseHTTPRequestHandler):
    """One request; a script says what is sent back, with the methods below."""

    request_json: Request
    server: "Endpoint"

    def do_POST(self) -> None:
        self.request_json = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(self.request_json)
        self.server.keys.append(self.headers.get("Authorization", ""))
        try:
            self.server.script(self)
        except OSError:  # the client is gone
            self.server.hung_up.set()

    def log_message(self, *args: object) -> None:
        pass

    def fail(self, status: int, message: str = "") -> None:
        body = json.dumps({"error": {"message": message or f"status {status}", "type": "error"}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, body: object) -> None:
        """One JSON value as the whole response, although a stream was asked for."""
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def send_events(self, *events: object, done: bool = True) -> None:
        """Each as an event of a stream, and the end that OpenAI puts after them."""
        self.begin()
        for event in events:
            self.raw(f"data: {json.dumps(event)}\n\n")
        if done:
            self.raw("data: [DONE]\n\n")

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def write(self, content: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
        self.raw(f"data: {json.dumps({'id': '1', 'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n")

    def raw(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def reply(self, text: str) -> None:
        """In pieces, to a good end."""
        self.begin()
        for start in range(0, len(text), 7):
            self.write(text[start : start + 7])
        self.write("", "stop")
        self.raw("data: [DONE]\n\n")

    def wait_for_hang_up(self) -> None:
        for _ in range(20 * PATIENCE_SECONDS):
            self.raw(": still here\n\n")
            time.sleep(0.05)


class Endpoint(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.script = script
        self.requests: list[Request] = []
        self.keys: list[str] = []
        self.hung_up = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def endpoint(script: Script) -> Iterator[Endpoint]:
    server = Endpoint(script)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def replies(*texts: str) -> Script:
    """These texts, one a request; the last for all that follow."""
    left = list(texts)
    return lambda exchange: exchange.reply(left.pop(0) if len(left) > 1 else left[0])
