"""The reader: a question with a paragraph -> does it answer, which of its sentences are needed, which words."""
