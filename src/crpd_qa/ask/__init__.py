"""The way of a question, a step a file."""
