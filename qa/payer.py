"""Whose share of a chat model's tokens a question takes."""

import gradio as gr
from gradio.context import LocalContext


def payer() -> str:
    """The name that somebody logged in with, else the address asked from. Of the event that Gradio is at work on."""
    request: gr.Request | None = LocalContext.request.get(None)
    if request is None:
        return ""
    client = getattr(request, "client", None)
    return str(getattr(request, "username", None) or (client.host if client else ""))
