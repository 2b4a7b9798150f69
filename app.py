"""Starts the web app: what a Space or a process manager calls. Settings: CRPD_QA_* (see docs/settings.md)."""

from crpd_qa.cli import app

if __name__ == "__main__":
    app(["serve"])
