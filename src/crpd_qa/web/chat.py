"""The chat page: Gradio's blocks around our own rendering of answers."""

from pathlib import Path
from typing import Any, cast

from crpd_qa.assistant import Assistant
from crpd_qa.web.gradio_import import gr
from crpd_qa.web.rendering import Turn, render_conversation, render_welcome

MAX_TURNS = 40
"""Older turns of a conversation are dropped."""
EXAMPLES = (
    "What share of the population has a disability?",
    "Will the court get me a sign language interpreter?",
    "Which airports are ready for wheelchairs?",
    "What does article 24 say?",
)

_STATIC = Path(__file__).parent / "static"
# Fonts of the person's own system: nothing is loaded from another host.
_FONT = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "monospace"]


def chat_options() -> dict[str, Any]:
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
        input_placeholder_color="*neutral_600",
        input_placeholder_color_dark="*neutral_300",
    )
    script = (_STATIC / "chat.js").read_text("utf-8")
    return {"theme": theme, "css": (_STATIC / "chat.css").read_text("utf-8"), "head": f"<script>{script}</script>"}


def build_chat(assistant: Assistant) -> gr.Blocks:
    """The page. A conversation lives in the visitor's session only, and is forgotten with it."""
    document = assistant.document

    def ask(question: str, turns: list[Turn]) -> tuple[list[Turn], str, str]:
        if question.strip():
            history = [turn.question for turn in turns]
            answer = assistant.ask(question, history)
            turns = [*turns, Turn(question, answer)][-MAX_TURNS:]
        return turns, render_conversation(turns, document), ""

    with gr.Blocks(title="Ask Kazakhstan’s report on disability rights", analytics_enabled=False) as chat:
        gr.HTML(render_welcome(document), elem_id="welcome")
        turns = gr.State([])
        conversation = gr.HTML("", elem_id="conversation")
        question = gr.Textbox(
            label="Your question",
            info="In English. Press Enter to ask.",
            lines=1,
            max_lines=6,
            elem_id="question",
        )
        with gr.Row():
            button = gr.Button("Ask", variant="primary", elem_id="ask")
            again = gr.Button("Start again", elem_id="again")
        gr.HTML("<h2>For example</h2>", elem_id="examples-title")
        with gr.Row(elem_id="examples"):
            examples = [gr.Button(example, size="sm") for example in EXAMPLES]

        outputs = [turns, conversation, question]
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        question.submit(ask, [question, turns], outputs, **hidden)
        button.click(ask, [question, turns], outputs, **hidden)
        for example, text in zip(examples, EXAMPLES, strict=True):
            example.click(lambda turns, text=text: ask(text, turns), [turns], outputs, **hidden)
        again.click(lambda: ([], "", ""), None, outputs, **hidden)
    return cast(gr.Blocks, chat)
