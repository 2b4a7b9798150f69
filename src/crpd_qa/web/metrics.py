"""Counts and times for Prometheus; nothing of what was asked."""

import time

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crpd_qa.answer import Answer
from crpd_qa.web.address import base_path


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "crpd_qa_request_seconds", "Time to the end of a response.", ["route", "status"], registry=self._registry
        )
        self._answers = Counter("crpd_qa_answers", "Questions by outcome.", ["outcome"], registry=self._registry)

    def count(self, answer: Answer) -> None:
        """One more question, answered or declined."""
        self._answers.labels("answered" if answer.answered else "declined").inc()

    def observe(self, route: str, status: int, seconds: float) -> None:
        """One more response. `route` is a route's template, never an address that somebody typed."""
        self._seconds.labels(route, str(status)).observe(seconds)

    async def page(self) -> Response:
        """What Prometheus reads."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)


class Observed:
    """Times every response by route and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            path = getattr(scope.get("route"), "path", None)
            mounted = scope.get("root_path", "").removeprefix(base_path(scope))
            route = "other" if path is None else f"{mounted}{path}"
            self._metrics.observe(route, status, time.perf_counter() - begun)
