"""A browser that can read English aloud: Debian's Chromium has no voice. What it is told is in `window.spoken`."""

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
