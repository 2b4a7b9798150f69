"""A port for a server that a test starts."""

import random
import socket

UNUSED = range(20_000, 32_000)
"""Above those of Ray's workers, below those that Linux gives to whoever asks for any: beside tests that open hundreds
of connections, one of these would be taken again before the server listens on it."""


def free_port() -> int:
    """On which nothing listens now."""
    while True:
        port = random.SystemRandom().choice(UNUSED)  # tests in several processes, some with a seed, draw apart
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
