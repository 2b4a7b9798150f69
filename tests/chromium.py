"""The browser that tests are run in."""

import os
import shutil
from pathlib import Path

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LETTERS = os.environ | {"FONTCONFIG_FILE": str(Path(__file__).parent / "browser" / "fonts.conf")}
"""How letters are drawn is this file's to say, not the system's or the person's that runs the tests."""
VOICE = """
window.spoken = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", {value: {
    getVoices: () => [{lang: "en-US", localService: false}, {lang: "en-GB", localService: true}],
    speak: ({lang, text}) => spoken.push([lang, text]),
    cancel: () => spoken.push("cancelled"),
    addEventListener: () => {},
}});
"""
"""A voice that reads English: Debian's Chromium has none. What it is told to say is in `window.spoken`."""
VISIBLE = (
    "() => { const s = new CSSStyleSheet(); s.replaceSync('.paragraph { content-visibility: visible !important }'); "
    "document.adoptedStyleSheets.push(s) }"
)
"""Lays out what is far from view too, which axe measures and on whose heights places depend by half a pixel. In a sheet
of the page's own: its policy lets no other in."""
