"""The widget's script, and the page that holds it for sites that allow only an iframe."""

import re
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from crpd_qa.assistant import Assistant
from crpd_qa.texts import texts
from crpd_qa.web.negotiation import page_language
from crpd_qa.web.where import FIELDS

_SPARED = re.compile(r"^[ \t]*(?://[^\n]*\n|/\*.*?\*/\n)?", re.MULTILINE | re.DOTALL)
"""What other sites' visitors need not load: indentation, and comments on lines of their own."""
_FILES = {"widget.js": "text/javascript", "embed.css": "text/css"}
_SHARED_SCRIPT = "answer.js"
"""What the widget's script has in common with the chat's: served within it, in a block, so that no name of it is the
host page's."""


def widget_router(assistant: Assistant) -> APIRouter:
    """`/widget.js` and `/embed`. Who may use them from another origin is decided for all paths in one place."""
    router = APIRouter(include_in_schema=False)
    environment = Environment(loader=PackageLoader("crpd_qa.web"), autoescape=True, undefined=StrictUndefined)
    page = environment.get_template("embed.html")

    for name, media_type in _FILES.items():
        _serve(router, name, media_type)

    @router.get("/embed", response_class=HTMLResponse)
    async def embed(
        request: Request,
        heading: str | None = None,
        questions: str | None = None,
        accent: str = "",
        scheme: str = "",
    ) -> str:
        """The widget's attributes, and `lang`, are given as parameters of the address."""
        language = page_language(request)
        t = texts(language, several=assistant.library.has_several)
        return page.render(
            language=language,
            heading=t["widget_heading"] if heading is None else heading,
            questions=questions,
            accent=accent,
            scheme=scheme if scheme in ("light", "dark") else "auto",
            title=t["library_title"] if assistant.library.has_several else assistant.document.title,
            scope={
                name.replace("_", "-"): value
                for name in FIELDS
                if (value := request.query_params.get(name, "").strip())
            },
        )

    return router


def _content(name: str) -> bytes:
    def read(file: str) -> str:
        return files("crpd_qa.web").joinpath("static", file).read_text("utf-8")

    content = f"{{\n{read(_SHARED_SCRIPT)}{read(name)}}}\n" if name.endswith(".js") else read(name)
    return _SPARED.sub("", content).encode()


def _serve(router: APIRouter, name: str, media_type: str) -> None:
    content = _content(name)
    etag = f'"{sha256(content).hexdigest()[:16]}"'
    headers = {"Cache-Control": "public, max-age=600", "ETag": etag, "Vary": "Origin"}

    @router.api_route(f"/{name}", methods=["GET", "HEAD"])
    async def file(request: Request) -> Response:
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=media_type, headers=headers)
