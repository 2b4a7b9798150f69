"""The chat page: Gradio's blocks around our own rendering of answers.

Gradio draws the page and nothing more: it is given no function to call, so that there is no session, no queue and no
event stream. Questions go to `/ask` (see `chat.js`), under the limits that the API has too.
"""

import asyncio
import inspect
import logging
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from crpd_qa.assistant import Assistant
from crpd_qa.library import Library
from crpd_qa.scope import EVERYWHERE
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.address import base_path
from crpd_qa.web.examples import example_questions, examples_language
from crpd_qa.web.limits import MAX_KEPT
from crpd_qa.web.negotiation import page_language
from crpd_qa.web.rendering import render, render_welcome
from crpd_qa.web.security import CHAT_PATH
from crpd_qa.web.where import FIELDS, YEAR_FROM, YEAR_TO, choices

if TYPE_CHECKING:
    from crpd_qa.web.gradio_import import gr

# Fonts of the person's own system: nothing is loaded from another host.
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "monospace"]
_NOWHERE = "chat.invalid"
"""The host that Gradio's page is asked for. In the page its origin is taken out: the browser knows where it is."""
_THEME = "theme.css"
_building = threading.Lock()  # Gradio keeps what is being built in one place for the whole process


def mount_chat(app: FastAPI, assistant: Assistant) -> FastAPI:
    """The chat at `/chat/en`, `/chat/ru` and so on; `/` leads to the visitor's language. Returns the app."""
    pages = ChatPages(assistant)

    @app.get("/", include_in_schema=False)
    def choose_language(request: Request) -> RedirectResponse:
        address = f"{base_path(request.scope)}{CHAT_PATH}{page_language(request)}"
        return RedirectResponse(address, 307, {"Vary": "Accept-Language"})

    outer = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        pages.load()
        async with outer(app) as state:
            yield state

    app.router.lifespan_context = lifespan
    app.mount(CHAT_PATH.rstrip("/"), pages)
    return app


class ChatPages:
    """The chat's pages and the files that they load. Nothing else that Gradio would serve is found.

    To import Gradio takes longer than the rest of a start. It is done beside it, and the pages wait for it.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="chat")
        self._library: Library | None = None
        self._frame: Future[tuple[ASGIApp, frozenset[str], Path]] | None = None

    def load(self) -> Future[tuple[ASGIApp, frozenset[str], Path]]:
        """Begins to load Gradio, or has done so. Its pages are made anew where the library has changed."""
        if self._frame is None or self._library is not self._assistant.library:
            self._library = self._assistant.library
            self._frame = self._loader.submit(_frame, self._assistant)
            self._frame.add_done_callback(_report)
        return self._frame

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._found(scope) if scope["type"] == "http" else WebSocketClose()
        await answer(scope, receive, send)

    async def _found(self, scope: Scope) -> ASGIApp:
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix("/")
        if path in ("", *(f"{language}/" for language in LANGUAGES)):
            # Where the pages were once. Relative, since a proxy may put something before them.
            return RedirectResponse(f"../{path[:-1]}", 307)
        if path in LANGUAGES:
            await asyncio.to_thread(self._assistant.refresh)
        frame, files, folder = await asyncio.wrap_future(self.load())
        if path not in files and path not in LANGUAGES:
            raise HTTPException(404)
        if scope["method"] != "GET":
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if path in files and path.endswith(".css") and path != _THEME:
            return _in_layer(folder / path)
        if path in files:
            return frame
        return HTMLResponse(self._own(await _page(frame, scope), path), headers={"Cache-Control": "no-cache"})

    def _own(self, page: str, language: str) -> str:
        """Gradio's page with its language, its title, our styles and script, and what stands on each of our pages."""
        several = self._assistant.library.has_several
        head = render(
            "chat_head.html",
            language,
            examples_language=examples_language(self._assistant, language),
            version=self._assistant.library.version,
            filter=" ".join((*FIELDS, YEAR_FROM, YEAR_TO)),
            most=MAX_KEPT,
            limit=self._assistant.max_question_chars,
            several=several,
        )
        parts = {
            'lang="en"': f'lang="{language}"',
            '<link rel="manifest" href="/manifest.json" />': head,
            "<gradio-app": f"{render('chat_top.html', language, base='..', here='/', several=several)}<gradio-app",
            "</gradio-app>": f"</gradio-app>{render('chat_foot.html', language, base='..', several=several)}",
        }
        for theirs, ours in parts.items():
            assert theirs in page
            page = page.replace(theirs, ours, 1)
        return page.replace(f"http://{_NOWHERE}", "")


def _in_layer(styles: Path) -> Response:
    """Gradio's styles in a layer of their own, none important: ours come before them, whatever they select."""
    own = styles.read_text("utf-8").replace("!important", "")
    return Response(
        f"@layer gradio {{{own}}}", media_type="text/css", headers={"Cache-Control": "public, max-age=86400"}
    )


def _report(frame: Future[Any]) -> None:
    if frame.exception():
        logging.getLogger("uvicorn.error").error("The chat cannot be shown.", exc_info=frame.exception())


async def _page(frame: ASGIApp, scope: Scope) -> str:
    """What Gradio serves there to a browser of which it knows nothing, as text."""
    body = b""

    async def collect(message: Message) -> None:
        nonlocal body
        body += message.get("body", b"")

    async def receive() -> Message:
        return {"type": "http.request"}

    asked = {"method": "GET", "scheme": "http", "query_string": b"", "headers": [(b"host", _NOWHERE.encode())]}
    await frame({**scope, **asked}, receive, collect)
    return body.decode()


def _frame(assistant: Assistant) -> tuple[ASGIApp, frozenset[str], Path]:
    """Gradio's application, the paths of those of its files that our pages load, and the folder that they are in."""
    from crpd_qa.web.gradio_import import gr

    # Mounted without its lifespan: there is no queue to look at twenty times a second.
    frame = FastAPI(openapi_url=None)
    with _building:
        gr.mount_gradio_app(
            frame,
            build_chat(assistant),
            path="",
            footer_links=[],
            run_history=False,
            show_error=False,
            ssr_mode=False,
            theme=_theme(),
        )
    served = Path(gr.__file__).parent / "templates" / "frontend"
    files = {file.relative_to(served).as_posix() for file in (served / "assets").iterdir()}
    return frame, frozenset(files | {_THEME, "static/js/iframeResizer.contentWindow.min.js"}), served


def _theme() -> "gr.themes.Base":
    """Gradio's parts in our colours, which are light or dark by themselves: see `design.css`."""
    from crpd_qa.web.gradio_import import gr

    own = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--quiet)",
        "block_background_fill": "transparent",
        "block_info_text_color": "var(--quiet)",
        "block_label_text_color": "var(--ink)",
        "block_title_text_color": "var(--ink)",
        "link_text_color": "var(--accent)",
        "border_color_primary": "var(--line)",
        "input_background_fill": "var(--paper)",
        "input_border_color": "var(--edge)",
        "input_border_color_focus": "var(--edge)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent)",
        "button_primary_border_color": "var(--accent)",
        "button_primary_text_color": "var(--on-accent)",
        "button_secondary_background_fill": "transparent",
        "button_secondary_background_fill_hover": "var(--tint)",
        "button_secondary_border_color": "var(--edge)",
        "button_secondary_text_color": "var(--ink)",
    }
    theme = gr.themes.Base(font=_FONT, font_mono=_MONO)
    known = inspect.signature(theme.set).parameters
    return theme.set(**own, **{dark: value for name, value in own.items() if (dark := f"{name}_dark") in known})


def build_chat(assistant: Assistant) -> "gr.Blocks":
    """One page a language. What its buttons do is JavaScript's: see `chat.js`."""
    from crpd_qa.web.gradio_import import gr

    chat = gr.Blocks(title=texts("en")["chat_title"], analytics_enabled=False)
    for language, name in LANGUAGES.items():
        with chat.route(name, language, show_in_navbar=False):
            _add_page(assistant, language)
    return chat


def _add_page(assistant: Assistant, language: str) -> None:
    from crpd_qa.web.gradio_import import gr

    t = texts(language)
    gr.HTML(
        render_welcome(
            assistant.library,
            language,
            base="..",
            english_only=assistant.languages == ("en",),
            language_model=assistant.language_model,
        ),
        elem_id="welcome",
        apply_default_css=False,
    )
    frame = render("conversation_frame.html", language, version=assistant.library.version)
    gr.HTML(frame, elem_id="conversation", apply_default_css=False)
    gr.HTML("<div data-pending></div>", elem_id="pending", apply_default_css=False)
    with gr.Column(elem_id="asking"):
        gr.HTML("<div data-notes></div>", elem_id="notes", apply_default_css=False)
        with gr.Row(elem_id="field"):
            question = gr.Textbox(label=t["chat_question"], lines=1, max_lines=6, autofocus=True, elem_id="question")
            ask = gr.Button(t["chat_ask"], variant="primary", elem_id="ask")
        with gr.Row(elem_id="choices"):
            if assistant.library.has_several:
                where = choices(assistant.library, language, EVERYWHERE)
                gr.HTML(
                    render("where.html", language, choices=where, scope=EVERYWHERE),
                    elem_id="where",
                    apply_default_css=False,
                )
            spoken = gr.HTML(
                "",
                html_template=render("languages.html", language),
                js_on_load="element.addEventListener('change', ({ target }) => { props.value = target.value; });",
                elem_id="languages",
                apply_default_css=False,
                visible=len(assistant.languages) > 1,
            )
            again = gr.Button(t["chat_again"], elem_id="again")
            if assistant.language_model:
                cancel = gr.Button(t["chat_cancel"], elem_id="cancel")
    with gr.Column(elem_id="start"):
        gr.HTML(Markup("<h2>{}</h2>").format(t["chat_examples"]), elem_id="examples-title", apply_default_css=False)
        with gr.Row(elem_id="examples"):
            examples = [gr.Button(example, size="sm") for example in example_questions(assistant, language)]

    for trigger in (question.submit, ask.click):
        trigger(None, [question, spoken], None, js="crpdQa.ask")
    for example in examples:
        example.click(None, [example], None, js="crpdQa.ask")
    again.click(None, None, None, js="crpdQa.startAgain")
    if assistant.language_model:
        cancel.click(None, None, None, js="crpdQa.cancel")
