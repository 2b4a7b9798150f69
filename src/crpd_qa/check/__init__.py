"""Does a paragraph bear a sentence out: a small cross-encoder that reads both."""
