"""Ranked paragraphs -> Answer: pick sentences, verify, or decline."""

from crpd_qa.answer.record import Answer, Citation, Mode, Timings

__all__ = ["Answer", "Citation", "Mode", "Timings"]
