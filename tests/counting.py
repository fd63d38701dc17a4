"""The real encoder with a tally, for the tests of what is embedded and what is not."""

from index.encoder import Encoder, Vectors


class CountingEncoder(Encoder):
    """``embedded``: the texts it was given, in order."""

    def __init__(self, encoder: Encoder):
        super().__init__(encoder.model, encoder.name, encoder.fingerprint, encoder.precision)
        self.embedded: list[str] = []

    def embed_passages(self, texts: list[str], progress: object = None) -> Vectors:
        self.embedded += texts
        return super().embed_passages(texts)
