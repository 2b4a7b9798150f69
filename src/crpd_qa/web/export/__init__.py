"""Answers as people take them away: copied with citations, or saved as a file with footnotes."""
