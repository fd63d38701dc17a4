"""An answer as others read it: one JSON object, documented in the README."""

from typing import Any

from index.snapshot import ArticleInfo
from qa.assistant import Asked


def record_of(asked: Asked, record_id: str) -> dict[str, Any]:
    """The AnswerRecord: plain values only; ``start`` and ``end`` count characters of the article's text."""
    answer = asked.answer
    record = {
        "id": record_id,
        "question": asked.question,
        "language": asked.language,
        "rewritten_question": asked.rewritten,
        "decision": answer.decision,
        "confidence": round(answer.confidence, 4),
        "answer": answer.prose,
        "quotes": [
            {
                "n": n,
                "article_id": quote.article.id,
                "path": quote.article.path,
                "title": quote.article.title,
                "language": quote.article.language,
                "published": quote.article.published.isoformat() if quote.article.published else None,
                "source": quote.article.source,
                "url": quote.article.url,
                "start": quote.span.start,
                "end": quote.span.end,
                "text": quote.text,
                "sha256": quote.article.digest,
                "answer": {"start": quote.answer.start, "end": quote.answer.end} if quote.answer else None,
                "copies": [_copy(copy, quote.article.digest) for copy in quote.copies],
            }
            for n, quote in enumerate(answer.quotes, start=1)
        ],
        "dropped_claims": list(answer.dropped),
        "writer": answer.writer,
        "hits": [
            {
                "rank": hit.rank,
                "article_id": hit.article.id,
                "title": hit.article.title,
                "start": hit.chunk.start,
                "end": hit.chunk.end,
                "score": round(hit.score, 6),
                "dense": round(hit.dense, 6),
                "lexical": round(hit.lexical, 6),
                "reader": None if hit.reader is None else round(hit.reader, 4),
                "copies": len(hit.copies),
            }
            for hit in answer.hits
        ],
        "generation": asked.generation,
        "encoder": asked.encoder,
        "reader": asked.reader,
        "ms": asked.ms,
    }
    return record | ({"wording": _wording(asked)} if asked.model else {})


def _copy(info: ArticleInfo, digest: str) -> dict[str, Any]:
    """Another article that holds the quoted one's text: ``exact``, or nearly, and then perhaps not the quoted words."""
    return {
        "article_id": info.id,
        "path": info.path,
        "title": info.title,
        "source": info.source,
        "published": info.published.isoformat() if info.published else None,
        "exact": info.digest == digest,
    }


def _wording(asked: Asked) -> dict[str, Any]:
    """What became of the chat model's words."""
    answer = asked.answer
    remarks = [{"sentence": one.sentence, "fault": one.fault, "words": list(one.words)} for one in answer.remarks]
    struck = [{"quote": one.quote, "sentence": one.sentence, "why": one.why} for one in answer.struck]
    return {"model": asked.model, "notice": answer.notice, "remarks": remarks, "claimed": answer.claimed, "struck": struck}
