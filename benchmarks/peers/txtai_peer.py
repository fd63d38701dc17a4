"""txtai's Embeddings, content stored, its default ANN (faiss); prompts given as instructions; passages of 600 characters."""

from common import Row, measure
from langchain_text_splitters import RecursiveCharacterTextSplitter
from txtai import Embeddings

SPLITTER = RecursiveCharacterTextSplitter(chunk_size=600, chunk_overlap=0)


def load(plan: Row) -> Embeddings:
    return Embeddings(
        path=plan["model"], method="sentence-transformers", content=True, gpu=False,
        instructions={"query": "query: ", "data": "passage: "},
    )  # fmt: skip


def rows(articles: list[Row]) -> list[tuple[str, str, None]]:
    return [
        (f"{a['id']}#{at}", f"{a['title']}\n{part}", None)
        for a in articles
        for at, part in enumerate(SPLITTER.split_text(a["text"]))
    ]


measure(
    load,
    lambda peer, articles: peer.index(rows(articles)),
    lambda peer, article: peer.upsert(rows([article])),
    lambda peer, text: [hit["id"].split("#")[0] for hit in peer.search(text, 10)],
)
