"""LlamaIndex: VectorStoreIndex in memory, its SentenceSplitter at 160 tokens (about 600 characters), HuggingFaceEmbedding."""

from common import Row, measure
from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding


class Peer:
    def __init__(self, plan: Row):
        Settings.embed_model = HuggingFaceEmbedding(
            plan["model"], device="cpu", query_instruction="query: ", text_instruction="passage: ", embed_batch_size=32
        )
        Settings.node_parser = SentenceSplitter(chunk_size=160, chunk_overlap=0)
        Settings.llm = None

    def build(self, articles: list[Row]) -> None:
        self.index = VectorStoreIndex.from_documents([document(one) for one in articles])
        self.retriever = self.index.as_retriever(similarity_top_k=10)

    def search(self, text: str) -> list[str]:
        return [hit.node.ref_doc_id for hit in self.retriever.retrieve(text)]


def document(article: Row) -> Document:
    return Document(text=f"{article['title']}\n{article['text']}", doc_id=article["id"])


measure(
    Peer,
    lambda peer, rows: peer.build(rows),
    lambda peer, row: peer.index.insert(document(row)),
    lambda peer, text: peer.search(text),
)
