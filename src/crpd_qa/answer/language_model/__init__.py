"""Answers in a language model's words, each sentence checked against its paragraphs. Off unless configured."""

from crpd_qa.answer.language_model.compose import LanguageModelComposer

__all__ = ["LanguageModelComposer"]
