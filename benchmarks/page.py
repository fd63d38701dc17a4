"""python -m benchmarks.page: docs/performance.md and its plot, of the figures that the other programs left in var/."""

import json
import math
from pathlib import Path
from typing import Any

import typer

PAGE, PLOT = Path("docs/performance.md"), Path("docs/growth.svg")
SPEED, ENGINES, SCALE, PEERS, LOAD = (
    Path("var") / f"{name}.json" for name in ("speed", "engines", "performance", "side_by_side", "load")
)
#: Of a size: key, what it is, colour in the plot.
COSTS = (
    ("build_s", "build, 512 passages embedded (s)", "#1f5fa8"), ("p50_ms", "question, median (ms)", "#b4421f"),
    ("add_s", "one more article (s)", "#5b7f1b"), ("rss_mb", "memory (MB)", "#7a4a9e"), ("disk_mb", "disk (MB)", "#777777"),
)  # fmt: skip


def speed(found: dict[str, Any]) -> list[str]:
    lines = [
        "## The encoder's engines", "",
        f"{found['passages']} passages of 100 tokens, {found['cpus']} cores, the same weights, medians of rounds that take turns. "
        f"Chosen here: {found['chosen']}.", "",
        "| engine | passages/s | × SentenceTransformer fp32 | one question, ms | cosine to fp32, mean / least |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for name, one in found["engines"].items():
        near = f"{one['cosine_mean']:.4f} / {one['cosine_least']:.4f}" if one["cosine_mean"] < 1 else "1"
        lines.append(f"| {name} | {one['passages_per_s']:.0f} | {one['times']:.2f} | {one['query_ms']:.1f} | {near} |")
    done = found["multiply_adds_per_s"]
    limits = "; ".join(f"{name} {peak / 1e9:,.0f} G/s ({done / peak:.0%} of it reached)" for name, peak in found["peaks"].items())
    lines += ["", f"A token costs 21.3 million multiply-adds: {done / 1e9:,.0f} G/s. What the cores could do at most: {limits}."]
    if reader := found.get("reader"):
        lines += ["", f"The reader ({reader['precision']}): {reader['passages']} passages in {reader['p50_ms']:.0f} ms "
                  f"(95th percentile {reader['p95_ms']:.0f} ms)."]  # fmt: skip
    return lines


def finding(found: dict[str, Any]) -> list[str]:
    lines = [
        f"What 8 or 16 bits cost in finding: R@1 over all {found['questions']:,} questions of PIAF, paired with fp32 "
        "(`python -m benchmarks.engines --data FOLDER`).", "",
        "| engine | R@1 | change, points | p |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, one in found["engines"].items():
        change = f"{100 * one['change']:+.2f} [{100 * one['low']:+.2f}, {100 * one['high']:+.2f}] | {one['p']:.2f}"
        lines.append(f"| {name} | {one['recall_at_1']:.3f} | {change if name != 'fp32' else '– | –'} |")
    return lines


def growth(found: dict[str, Any]) -> list[str]:
    lines = [
        "## As the corpus grows", "",
        "| passages | articles | " + " | ".join(label for _, label, _ in COSTS) + " | question, 95th percentile (ms) | start to first answer (s) | the first of five more articles (s) |",
        "|---" * (len(COSTS) + 5) + "|",
    ]  # fmt: skip
    for one in found["sizes"]:
        cells = [f"{one['chunks']:,}", f"{one['articles']:,}", *(f"{one[key]:,.1f}" for key, *_ in COSTS)]
        cells += [f"{one['p95_ms']:,.0f}", f"{one['open_s']:.1f}", f"{one.get('add_first_s', one['add_s']):.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "One more article: from the beginning of the build to an answer that quotes it, the median of five taken in one after "
        "the other by one process.",
        "",
        f"![Costs against passages, both axes logarithmic]({PLOT.name})",
        "",
    ]
    if found["factories"]:
        count = found["factories"][0]["chunks"]
        lines += [f"FAISS factories over {count:,} vectors drawn around real ones:", "",
                  "| factory | probes | build (s) | MB | query (ms) | recall@10 of Flat |", "|---|---|---|---|---|---|"]  # fmt: skip
        lines += [
            f"| {one['factory']} | {one['nprobe'] or '–'} | {one['build_s']:.1f} | {one['mb']:,.0f} | {one['query_ms']:.1f} | {one['recall_at_10']:.3f} |"
            for one in found["factories"]
        ]
    return lines


def peers(found: list[dict[str, Any]]) -> list[str]:
    lines = [
        "## Side by side", "",
        "The same French news articles, the same known-item questions (a heading of the article), the same encoder weights, in one run. "
        "How each peer is set up stands at the head of its file in `benchmarks/peers`.", "",
        "| | load (s) | build (s) | question p50 / p95 (ms) | R@1 | R@5 | one more article (s) | memory (MB) |", "|---" * 8 + "|",
    ]  # fmt: skip
    for one in found:
        if "error" in one:
            lines.append(f"| {one['name']} | did not run: {one['error'][:120]} | | | | | | |")
            continue
        lines.append(
            f"| {one['name']} | {one['load_s']:.1f} | {one['build_s']:.1f} | {one['p50_ms']:.0f} / {one['p95_ms']:.0f} | "
            f"{one['recall_at_1']:.2f} | {one['recall_at_5']:.2f} | {one['add_s']:.2f} | {one['rss_mb']:,.0f} |"
        )
    return lines


def plot(sizes: list[dict[str, Any]]) -> str:
    """Each cost against the number of passages, both logarithmic, as SVG."""
    width, height, left, top = 560, 300, 60, 20
    xs = [math.log10(one["chunks"]) for one in sizes]
    values = {key: [math.log10(max(one[key], 1e-3)) for one in sizes] for key, *_ in COSTS}
    low, high = math.floor(min(map(min, values.values()))), math.ceil(max(map(max, values.values())))
    first, last = math.floor(min(xs)), math.ceil(max(xs))

    def at(x: float, y: float) -> tuple[float, float]:
        return left + (x - first) / max(1, last - first) * width, top + (high - y) / max(1, high - low) * height

    parts = []
    for power in range(low, high + 1):
        _, y = at(first, power)
        parts.append(
            f"<path d='M{left} {y:.0f}h{width}' stroke='#ddd'/><text x='{left - 6}' y='{y + 4:.0f}' text-anchor='end'>{10.0**power:g}</text>"
        )
    for power in range(first, last + 1):
        x, _ = at(power, low)
        parts.append(
            f"<path d='M{x:.0f} {top}v{height}' stroke='#ddd'/><text x='{x:.0f}' y='{top + height + 18}' text-anchor='middle'>{10**power:,}</text>"
        )
    for row, (key, label, colour) in enumerate(COSTS):
        points = [at(x, y) for x, y in zip(xs, values[key], strict=True)]
        parts.append(
            f"<polyline points='{' '.join(f'{x:.1f},{y:.1f}' for x, y in points)}' fill='none' stroke='{colour}' stroke-width='2'/>"
        )
        parts += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{colour}'/>" for x, y in points]
        parts.append(f"<text x='{left + width + 12}' y='{top + 16 + 20 * row}' fill='{colour}'>{label}</text>")
    box = f"0 0 {left + width + 220} {top + height + 50}"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='{box}' font-family='sans-serif' font-size='12'>"
        f"<rect width='100%' height='100%' fill='#fff'/>{''.join(parts)}"
        f"<text x='{left + width / 2}' y='{top + height + 40}' text-anchor='middle'>passages</text></svg>\n"
    )


def load(found: dict[str, Any]) -> list[str]:
    """What benchmarks.load left, a line for each figure; of the memory every tenth second."""
    found = {**found, "memory_mb": found["memory_mb"][::10]}
    return ["## Many at once", "", *(f"- {name.replace('_', ' ')}: {value}" for name, value in found.items())]


def seen(found: dict[str, Any]) -> list[str]:
    """What benchmarks.page_speed left: from the key pressed to each thing seen."""
    names = {"sign": "first sign", "question": "the question in the conversation", "source": "first source", "answer": "answer",
             "ready": "open for the next question"}  # fmt: skip
    return [
        "## On the page", "",
        f"In a real Chromium on the same machine, over {found['questions']} questions, from Enter to the frame that shows it.", "",
        "| | median (ms) | most (ms) |", "|---|---|---|",
        *(f"| {label} | {found[f'{name}_p50_ms']:,} | {found[f'{name}_max_ms']:,} |" for name, label in names.items()),
    ]  # fmt: skip


def main() -> None:
    """Write the page of what was measured so far."""
    lines = ["# Performance", "", "Written by `make bench`: ratios within a run are what counts, the machines it runs on differ and are shared.", ""]  # fmt: skip
    for path, section in ((SPEED, speed), (ENGINES, finding), (SCALE, growth), (PEERS, peers), (LOAD, load)):
        if path.is_file():
            found = json.loads(path.read_text())
            if section is not growth or found["sizes"]:
                lines += [*section(found), ""]  # type: ignore[operator]
            if section is growth and found["sizes"]:
                PLOT.write_text(plot(found["sizes"]), encoding="utf-8")
            if section is growth and "page" in found:
                lines += [*seen(found["page"]), ""]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    typer.echo(f"{PAGE} written")


if __name__ == "__main__":
    typer.run(main)
