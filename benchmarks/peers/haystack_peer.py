"""Haystack: RecursiveDocumentSplitter to 600 characters, SentenceTransformers embedders, in-memory store.

Its splitter's default separators want a model of nltk's from the network; without it it cuts at paragraphs, lines and full stops.
"""

from common import Row, measure
from haystack import Document
from haystack.components.preprocessors import RecursiveDocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


class Peer:
    def __init__(self, plan: Row):
        cpu = ComponentDevice.from_str("cpu")
        self.store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
        self.splitter = RecursiveDocumentSplitter(
            split_length=600, split_unit="char", split_overlap=0, separators=["\n\n", "\n", ". ", " "]
        )
        self.documents = SentenceTransformersDocumentEmbedder(
            model=plan["model"], device=cpu, prefix="passage: ", progress_bar=False
        )
        self.question = SentenceTransformersTextEmbedder(model=plan["model"], device=cpu, prefix="query: ", progress_bar=False)
        self.retriever = InMemoryEmbeddingRetriever(self.store, top_k=10)
        for one in (self.splitter, self.documents, self.question):
            one.warm_up()

    def add(self, articles: list[Row]) -> None:
        whole = [Document(content=f"{a['title']}\n{a['text']}", meta={"article": a["id"]}) for a in articles]
        parts = self.splitter.run(documents=whole)["documents"]
        self.store.write_documents(self.documents.run(documents=parts)["documents"])

    def search(self, text: str) -> list[str]:
        found = self.retriever.run(query_embedding=self.question.run(text=text)["embedding"])["documents"]
        return [one.meta["article"] for one in found]


measure(Peer, lambda peer, rows: peer.add(rows), lambda peer, row: peer.add([row]), lambda peer, text: peer.search(text))
