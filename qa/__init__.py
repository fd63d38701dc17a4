"""Questions to answers: retrieve, read, decide, write, ground."""
