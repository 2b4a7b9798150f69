"""The chat page: Gradio's blocks around our own rendering of answers."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from crpd_qa.assistant import Assistant
from crpd_qa.language import Language
from crpd_qa.settings import Settings
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.gradio_import import gr
from crpd_qa.web.negotiation import page_language
from crpd_qa.web.problems import EXCEPTION_HANDLERS
from crpd_qa.web.rendering import Turn, render, render_conversation, render_pending, render_welcome
from crpd_qa.web.security import CHAT_PATH

MAX_TURNS = 40
"""Older turns of a conversation are dropped."""
EXAMPLES = 3
"""Questions that the page proposes, beside one that asks for an article."""
MIN_WORDS = 6
_PERSONAL = re.compile(r"\b(?:I|my|me)\b")

_STATIC = Path(__file__).parent / "static"
# Fonts of the person's own system: nothing is loaded from another host.
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "monospace"]


def mount_chat(app: FastAPI, assistant: Assistant, config: Settings) -> FastAPI:
    """The chat at `/chat/en`, `/chat/ru` and so on; `/` leads to the visitor's language. Returns the app."""

    @app.get("/", include_in_schema=False)
    def choose_language(request: Request) -> RedirectResponse:
        address = f"{request.scope.get('root_path', '')}{CHAT_PATH}{page_language(request)}/"
        return RedirectResponse(address, 307, {"Vary": "Accept-Language"})

    for language in LANGUAGES:
        chat = build_chat(assistant, language, feedback=config.feedback is not None)
        chat.queue(max_size=config.max_queued_answers or 1, default_concurrency_limit=config.max_concurrent_answers)
        app = gr.mount_gradio_app(
            app,
            chat,
            path=f"{CHAT_PATH}{language}",
            footer_links=[],
            show_error=False,
            ssr_mode=False,
            app_kwargs={"exception_handlers": dict(EXCEPTION_HANDLERS)},
            **chat_options(language, examples_language(assistant, language)),
        )
    return app


def chat_options(language: str, examples: str) -> dict[str, Any]:
    """What the page is served with: theme, style and script, all from this package."""
    theme = gr.themes.Default(font=_FONT, font_mono=_MONO, primary_hue="blue").set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_text_color="white",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
        input_border_color="*neutral_500",
        input_border_color_dark="*neutral_400",
        input_placeholder_color="*neutral_600",
        input_placeholder_color_dark="*neutral_300",
    )
    t = texts(language)
    script = Markup(
        '<script data-language="{}" data-examples="{}" data-copied="{}" data-copy-failed="{}" data-thanks="{}"'
        ' data-not-kept="{}" data-restarted="{}">{}</script>'
    ).format(
        *(language, examples, t["copied"], t["copy_failed"], t["chat_thanks"], t["chat_not_kept"], t["chat_restarted"]),
        Markup((_STATIC / "chat.js").read_text("utf-8")),
    )
    return {"theme": theme, "css": (_STATIC / "chat.css").read_text("utf-8"), "head": str(script)}


def build_chat(assistant: Assistant, language: str = "en", *, feedback: bool = False) -> gr.Blocks:
    """The page in one language. A conversation lives in the visitor's session only, and is forgotten with it."""
    document = assistant.document
    t = texts(language)

    def ask(question: str, turns: list[Turn], spoken: str = "") -> Iterator[tuple[Any, ...]]:
        if not question.strip():
            yield turns, render_conversation(turns, document, language, note=t["answer_empty"]), "", ""
            return
        said = ""
        chosen = cast(Language, spoken) if spoken in LANGUAGES else None
        for event in assistant.ask_stream(question, [turn.question for turn in turns], language=chosen):
            if event[0] == "text":
                # Also when nothing was said: between two yields Gradio can cancel.
                said += event[1]
                yield gr.skip(), gr.skip(), gr.skip(), render_pending(question, said, language)
            else:
                turns = [*turns, Turn(question, event[1])][-MAX_TURNS:]
                yield turns, render_conversation(turns, document, language, feedback=feedback), "", ""

    def asks(question: str) -> Callable[[list[Turn]], Iterator[tuple[Any, ...]]]:
        def ask_example(turns: list[Turn]) -> Iterator[tuple[Any, ...]]:
            yield from ask(question, turns)

        return ask_example

    def cancelled(turns: list[Turn]) -> tuple[str, str]:
        return render_conversation(turns, document, language, note=t["chat_cancelled"]), ""

    with gr.Blocks(title=t["chat_title"], analytics_enabled=False) as chat:
        gr.HTML(
            render_welcome(
                document,
                language,
                english_only=assistant.languages == ("en",),
                language_model=assistant.language_model,
            ),
            elem_id="welcome",
        )
        turns = gr.State([])
        conversation = gr.HTML("", elem_id="conversation")
        pending = gr.HTML("", elem_id="pending")
        question = gr.Textbox(
            label=t["chat_question"],
            info=t["chat_question_hint"],
            lines=1,
            max_lines=6,
            elem_id="question",
        )
        with gr.Row():
            button = gr.Button(t["chat_ask"], variant="primary", elem_id="ask")
            again = gr.Button(t["chat_again"], elem_id="again")
            if assistant.language_model:
                cancel = gr.Button(t["chat_cancel"], elem_id="cancel")
        gr.HTML(Markup("<h2>{}</h2>").format(t["chat_examples"]), elem_id="examples-title")
        with gr.Row(elem_id="examples"):
            proposed = example_questions(assistant, language)
            examples = [gr.Button(example, size="sm") for example in proposed]
        spoken = gr.HTML(
            "",
            html_template=render("languages.html", language),
            js_on_load="element.addEventListener('change', ({ target }) => { props.value = target.value; });",
            elem_id="languages",
            visible=len(assistant.languages) > 1,
        )

        outputs = [turns, conversation, question, pending]
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        asking: list[Any] = [
            trigger(ask, [question, turns, spoken], outputs, **hidden) for trigger in (question.submit, button.click)
        ]
        asking += [
            example.click(asks(text), [turns], outputs, **hidden)
            for example, text in zip(examples, proposed, strict=True)
        ]
        again.click(lambda: ([], "", "", ""), None, outputs, cancels=asking, **hidden)
        if assistant.language_model:
            cancel.click(cancelled, [turns], [conversation, pending], cancels=asking, **hidden)
    return cast(gr.Blocks, chat)


def examples_language(assistant: Assistant, language: str) -> str:
    """The page's language, if questions can be asked in it."""
    return language if language in assistant.languages else "en"


def example_questions(assistant: Assistant, language: str) -> list[str]:
    """In English short questions of somebody about themselves that far-apart paragraphs answer, and an article."""
    if examples_language(assistant, language) != "en":
        return texts(language)["widget_questions"].split("|")
    document = assistant.document
    personal = [
        q for p in document for q in p.questions if re.search(r"\b(?:I|my)\b", q) and len(q.split()) > MIN_WORDS
    ]
    stretches = [personal[len(personal) * i // EXAMPLES : len(personal) * (i + 1) // EXAMPLES] for i in range(EXAMPLES)]
    articles = [section.article for section, _ in document.sections if section.article]
    return [min(stretch, key=len) for stretch in stretches if stretch] + [
        f"What does article {article} say?" for article in articles[-1:]
    ]
