"""The documents' vectors and words: one segment a document, searched together within a scope."""
