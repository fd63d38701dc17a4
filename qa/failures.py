"""What is logged of a failure nobody foresaw: where it happened and of what kind, never what it said.

The message of an exception may hold a question, an article's text or a key, and logs are kept and sent on.
"""

import traceback


def trace_of(error: BaseException) -> str:
    """The kinds of the error and of what led to it, each with its places in the code, innermost last; no message, no values."""
    lines: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        lines.append(f"{'after ' if lines else ''}{type(at).__name__}")
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(at.__traceback__)]
        at = at.__cause__ or at.__context__
    return "\n".join(lines)
