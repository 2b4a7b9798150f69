"""Ranked paragraphs -> Answer: pick sentences, verify, or decline."""

from crpd_qa.answer.record import Answer, Citation, Mode, Statement, Timings

__all__ = ["Answer", "Citation", "Mode", "Statement", "Timings"]
