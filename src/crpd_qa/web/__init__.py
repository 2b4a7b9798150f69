"""The web app: a FastAPI application with the Gradio chat in it."""
