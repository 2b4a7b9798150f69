"""Ranked paragraphs -> Answer: pick sentences, verify, or decline."""

from crpd_qa.answer.record import Answer, Citation, Mode, Passage, Timings

__all__ = ["Answer", "Citation", "Mode", "Passage", "Timings"]
