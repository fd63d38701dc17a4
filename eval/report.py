"""A run for people: a table for the terminal, and one self-contained page with plots and the worst answers."""

import json
from html import escape
from typing import Any

import numpy as np

from eval.compare import ABSTENTION, ANSWERS, FOLLOW_UPS, WORDING, Result, comparison_lines
from eval.dataset import FOLLOW_UP
from eval.metrics import RETRIEVAL, risk_coverage

Run = dict[str, Any]

SECTIONS = (
    ("The right article", tuple(RETRIEVAL)),
    ("The answer", (*ANSWERS, "quotes_exact")),
    ("Not in the articles", ABSTENTION),
    ("A chat model's words", WORDING),
    ("Confidence", ("ece", "ece_if_calibrated")),
    ("Follow-ups and languages", (*FOLLOW_UPS, "recall_at_5_french_minus_english")),
    ("Milliseconds", ("latency_p50_ms", "latency_p95_ms")),
)
#: Shown for each group too: by question language, by that and the articles' language, by kind.
GROUPED = ("recall_at_1", "recall_at_5", "answer_in_quotes", *ABSTENTION)
WORST = 20
BLUE, ORANGE, GREY = "#2b6cb0", "#c2601c", "#8a94a0"


def table(run: Run) -> str:
    """The numbers in columns: measure, value, 95 % interval, number of observations; groups indented below their measure."""
    lines = [heading(run), ""]
    for title, names in SECTIONS:
        if not any(name in run["summary"] for name in names):
            continue
        lines.append(f"{title:<40}{'value':>8}   {'95 % interval':<16}{'n':>6}")
        for name in names:
            grouped = [group for group in groups(run) if name in GROUPED]
            for label, key in ((f"  {name}", name), *((f"    {group}", f"{name}.{group}") for group in grouped)):
                if key in run["summary"]:
                    row = run["summary"][key]
                    interval = f"{number(name, row['low'])} to {number(name, row['high'])}"
                    lines.append(f"{label:<40}{number(name, row['value']):>8}   {interval:<16}{row['n']:>6}")
        lines.append("")
    if "comparison" in run:
        lines += [*comparison_lines(run["comparison"]), ""]
    return "\n".join(lines).rstrip()


def heading(run: Run) -> str:
    """One line: when, which questions, which encoder, which index."""
    about = run["about"]
    files = ", ".join(file["file"] for file in about["questions"]["files"])
    encoder = about["encoder"]
    return (
        f"{about['date']}  {about['questions']['asked']} of {about['questions']['held']} questions of {files}, "
        f"{about['counts']['articles']} articles, encoder {encoder['name']} {encoder['precision']}, index {about['generation']}"
    )


def groups(run: Run) -> list[str]:
    return sorted({key.partition(".")[2] for key in run["summary"] if "." in key})


def number(name: str, value: float) -> str:
    if name.endswith("_ms"):
        return f"{value:.0f}"
    return f"{value:+.3f}" if "minus" in name else f"{value:.3f}"


def fault(result: Result) -> tuple[float, str] | None:
    """(how surely wrong, 0 to 1; in words), or None for an answer that holds."""
    refused, confidence = result["decision"] == "not_found", result["confidence"]
    if result["answerable"] is False:
        return None if refused else (confidence, "answered, though the articles do not say")
    if result["answerable"] and refused:
        return 1 - confidence, "refused, though the articles say"
    found = result["measures"].get("answer_in_quotes", result["measures"].get("recall_at_5", 1.0))
    words = "the quotes do not hold the answer" if result["answers"] else "the right article was not found"
    return None if found else (confidence, words)


def worst(results: list[Result], count: int = WORST) -> list[tuple[Result, str]]:
    """The answers that are wrong, the most surely wrong first, and what is wrong with each."""
    faults = [(result, found) for result in results if (found := fault(result))]
    return [(result, words) for result, (_, words) in sorted(faults, key=lambda pair: -pair[1][0])[:count]]


def page(run: Run) -> str:
    """One HTML document that fetches nothing. In a frame it is scrolled by the keyboard only if it can hold the focus."""
    body = [
        "<h1>How good the answers are</h1>",
        f"<p class=about>{escape(heading(run))}</p>",
        f"<div class=plots>{''.join(_plots(run))}</div>",
        f"<div class=sections>{''.join(_section(run, title, names) for title, names in SECTIONS)}</div>",
        _grouped(run),
        _worst(run["questions"]),
    ]
    if "comparison" in run:
        body.append("<h2>Against the baseline</h2><pre>" + escape("\n".join(comparison_lines(run["comparison"]))) + "</pre>")
    made = "".join(
        f"<tr><th>{escape(name)}<td class=made>{escape(json.dumps(value, ensure_ascii=False))}"
        for name, value in sorted(run["about"].items())
    )
    body.append(f"<h2>Made with</h2><div class=wide><table>{made}</table></div>")
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Evaluation of {escape(run['about']['date'])}</title><style>{STYLE}</style>"
        f"<body tabindex=0>{''.join(body)}</body></html>\n"
    )


def _section(run: Run, title: str, names: tuple[str, ...]) -> str:
    rows = [(name, run["summary"][name]) for name in names if name in run["summary"]]
    cells = ""
    for name, row in rows:
        interval = f"{number(name, row['low'])} to {number(name, row['high'])}"
        cells += f"<tr><th>{escape(name)}<td>{number(name, row['value'])}<td>{interval}<td>{row['n']}"
    head = "<tr><th>measure<th>value<th>95 % interval<th>n</tr>"
    return f"<div class=wide><h2>{title}</h2><table>{head}{cells}</table></div>" if rows else ""


def _grouped(run: Run) -> str:
    """Groups down, measures across; the number of observations small beside each value."""
    head = "".join(f"<th>{name}" for name in GROUPED)
    rows = ""
    for group in groups(run):
        cells = ((name, run["summary"].get(f"{name}.{group}")) for name in GROUPED)
        shown = (f"<td>{number(name, row['value'])} <small>{row['n']}</small>" if row else "<td>" for name, row in cells)
        rows += f"<tr><th>{escape(group)}{''.join(shown)}"
    note = (
        "<p>By the question's language; by that and the right articles' (en-fr: asked in English, told in French); by kind.</p>"
    )
    return f"<h2>By group</h2>{note}<div class=wide><table><tr><th>group{head}</tr>{rows}</table></div>"


def _worst(results: list[Result]) -> str:
    rows = ""
    for result, words in worst(results):
        quote = result["quotes"][0] if result["quotes"] else None
        found = f"<q>{escape(quote['text'])}</q><br><i>{escape(quote['article_id'])}</i>" if quote else "no quote"
        nearest = "" if quote or not result["found"] else f"<br><i>nearest: {escape(result['found'][0])}</i>"
        gold = "<br>".join(escape(answer) for answer in result["answers"][:3]) or "none"
        rows += (
            f"<tr><td dir=auto>{escape(result['question'])}<br><small>{escape(result['id'])}, {escape(result['kind'])}</small>"
            f"<td dir=auto>{gold}<br><i>{escape(', '.join(result['right'][:3]))}</i><td dir=auto>{found}{nearest}"
            f"<td>{words}<br><small>{escape(result['decision'])}, confidence {result['confidence']:.2f}</small>"
        )
    head = "<tr><th>question<th>gold answer and article<th>first quote<th>what is wrong</tr>"
    title = f"<h2>The worst {WORST}</h2><p>Wrong answers, the surest first.</p>"
    return f"{title}<div class=wide><table class=texts>{head}{rows}</table></div>"


def _plots(run: Run) -> list[str]:
    summary, results = run["summary"], run["questions"]
    judged = [result for result in results if result["answerable"] is not None and result["kind"] != FOLLOW_UP]
    bars = [(g, summary[f"recall_at_5.{g}"]) for g in groups(run) if f"recall_at_5.{g}" in summary and "-" not in g]
    plots = []
    if bars:
        plots.append(_bars("Right article among the first 5, by question language", bars))
    if judged:
        confidence = np.array([result["confidence"] for result in judged])
        wrong = np.array([float(result["measures"].get("mrr") != 1) for result in judged])
        dots = "".join(_dot(b["confidence"], b["observed"], b["n"]) for b in run["reliability"])
        dots = _line([(0, 0), (1, 1)], GREY) + dots
        plots.append(_plot("Stated confidence against observed", "confidence", "share answerable", dots))
        curve = _line(risk_coverage(confidence, wrong), BLUE)
        plots.append(_plot("Risk against coverage", "share answered, surest first", "share without right article first", curve))
        sides = [np.array([r["confidence"] for r in judged if r["answerable"] is side]) for side in (True, False)]
        plots.append(_histogram("Confidence: answerable (blue), not (orange)", "confidence", sides, 1.0))
    milliseconds = np.array([result["ms"] for result in results if result["ms"] is not None])
    if len(milliseconds):
        top = max(100.0, float(np.ceil(np.percentile(milliseconds, 99) / 100) * 100))
        label = "milliseconds, all above the 99th percentile in the last bar"
        plots.append(_histogram("Time a question takes", label, [np.minimum(milliseconds, top)], top))
    return plots


#: A plot's inside, in SVG units, and the space around it.
WIDTH, HEIGHT, LEFT, TOP, RIGHT = 300, 180, 52, 28, 40


def _x(share: float) -> float:
    return round(LEFT + WIDTH * share, 1)


def _y(share: float) -> float:
    return round(TOP + HEIGHT * (1 - share), 1)


def _text(x: float, y: float, words: str, anchor: str = "middle", extra: str = "") -> str:
    return f"<text x={x:g} y={y:g} text-anchor={anchor} {extra}>{escape(words)}</text>"


def _svg(title: str, inside: str, height: int = HEIGHT) -> str:
    return (
        f"<svg viewBox='0 0 {LEFT + WIDTH + RIGHT} {TOP + height + 40}' role=img aria-label='{escape(title)}'>"
        f"{_text(6, 14, title, 'start', 'class=title')}{inside}</svg>"
    )


def _plot(title: str, x_label: str, y_label: str, inside: str, x_top: float = 1.0, y_top: float = 1.0) -> str:
    """Axes from 0 to their tops with five marks each, and what is drawn between them in shares of 0 to 1."""
    grid = ""
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        grid += f"<path class=grid d='M{LEFT} {_y(share)}h{WIDTH}M{_x(share)} {TOP}v{HEIGHT}'/>"
        grid += _text(_x(share), TOP + HEIGHT + 14, f"{share * x_top:.4g}" if x_top < 10_000 else f"{share * x_top:.0f}")
        grid += _text(LEFT - 6, _y(share) + 4, f"{share * y_top:.4g}", "end")
    middle = TOP + HEIGHT / 2
    labels = _text(LEFT + WIDTH / 2, TOP + HEIGHT + 32, x_label)
    labels += _text(12, middle, y_label, "middle", f"transform='rotate(-90 12 {middle:g})'")
    return _svg(title, grid + labels + inside)


def _line(points: list[tuple[float, float]], colour: str) -> str:
    return f"<polyline fill=none stroke={colour} stroke-width=2 points='{' '.join(f'{_x(x)},{_y(y)}' for x, y in points)}'/>"


def _dot(x: float, y: float, n: int) -> str:
    """Its area grows with ``n``, the answers behind it."""
    radius = 2 + min(n, 400) ** 0.5 / 2
    return f"<circle cx={_x(x)} cy={_y(y)} r={radius:.1f} fill={BLUE} fill-opacity=.75><title>{n} answers</title></circle>"


def _histogram(title: str, x_label: str, series: list[Any], top: float, bins: int = 20) -> str:
    """Counts in bins of equal width from 0 to ``top``, the series side by side."""
    counts = [np.histogram(values, bins=bins, range=(0.0, top))[0] for values in series]
    highest = max(4, -(-max(int(count.max()) for count in counts) // 4) * 4)
    width = 1 / bins / len(series)
    inside = ""
    for at, (count, colour) in enumerate(zip(counts, (BLUE, ORANGE), strict=False)):
        for place, n in enumerate(count):
            if n:
                x, y = _x(place / bins + at * width), _y(int(n) / highest)
                size = f"width={WIDTH * width - 0.6:.1f} height={TOP + HEIGHT - y:.1f}"
                inside += f"<rect x={x} y={y} {size} fill={colour}></rect>"
    return _plot(title, x_label, "questions", inside, top, highest)


def _bars(title: str, rows: list[tuple[str, dict[str, Any]]]) -> str:
    """A bar a row from 0 to 1, its 95 % interval as a line over it, its n beside its name."""
    inside = ""
    for place, (label, row) in enumerate(rows):
        y = TOP + 8 + 22 * place
        value, low, high = _x(row["value"]), _x(row["low"]), _x(row["high"])
        inside += _text(LEFT - 6, y + 11, f"{label} ({row['n']})", "end")
        inside += f"<rect x={LEFT} y={y} width={value - LEFT:.1f} height=14 fill={BLUE} fill-opacity=.55></rect>"
        inside += f"<path d='M{low} {y + 7}H{high}M{low} {y + 3}v8M{high} {y + 3}v8' stroke=#222 fill=none></path>"
        inside += _text(LEFT + WIDTH + 6, y + 11, f"{row['value']:.3f}", "start")
    height = 22 * len(rows) + 14
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        inside += _text(_x(share), TOP + height + 10, f"{share:.4g}")
    return _svg(title, inside, height)


STYLE = """
body:focus-visible{outline:2px solid #2b6cb0;outline-offset:6px}
body{font:15px/1.5 system-ui,sans-serif;color:#1c232b;background:#fff;max-width:1160px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}.about{color:#5a6572;margin:.3rem 0 1.5rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .7rem;border-bottom:1px solid #e3e7ec;text-align:right}
th{font-weight:500;text-align:left}td.made,.texts td{text-align:left;vertical-align:top;overflow-wrap:anywhere}
.texts{table-layout:fixed;width:100%;min-width:700px}small,i{color:#5a6572}q{quotes:none}.wide{overflow-x:auto}
.sections{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:0 2rem;align-items:start}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:1.2rem;align-items:start}
svg{width:100%;border:1px solid #e3e7ec;border-radius:6px;padding:.4rem;box-sizing:border-box;font-size:11px;fill:#1c232b}
.title{font-weight:600;font-size:12px}.grid{stroke:#e3e7ec;fill:none}pre{white-space:pre-wrap;background:#f6f8fa;padding:1rem}
"""
