"""How the reader's weights were made. Nothing here is needed to run the assistant."""
