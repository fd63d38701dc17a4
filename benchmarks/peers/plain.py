"""SentenceTransformer and a flat FAISS index, as in most tutorials: fp32, batches of 32, passages of 600 characters."""

import faiss
from common import Row, measure
from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentence_transformers import SentenceTransformer


class Plain:
    def __init__(self, plan: Row):
        self.model = SentenceTransformer(plan["model"], device="cpu")
        self.splitter = RecursiveCharacterTextSplitter(chunk_size=600, chunk_overlap=0)
        self.index = faiss.IndexFlatIP(384)
        self.of: list[str] = []

    def add(self, articles: list[Row]) -> None:
        pairs = [(a["id"], f"{a['title']}\n{part}") for a in articles for part in self.splitter.split_text(a["text"])]
        self.index.add(self.model.encode([text for _, text in pairs], prompt_name="document"))
        self.of += [one for one, _ in pairs]

    def search(self, question: str) -> list[str]:
        rows = self.index.search(self.model.encode([question], prompt_name="query"), 10)[1][0]
        return [self.of[row] for row in rows]


measure(Plain, lambda peer, rows: peer.add(rows), lambda peer, row: peer.add([row]), lambda peer, text: peer.search(text))
