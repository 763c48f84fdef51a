"""The curve of a run as a small SVG."""

WIDTH, HEIGHT, MARGIN = 640, 320, 46
COLOURS = {"loss": "#9aa5b1", "held_out": "#c0392b"}
TITLES = {"loss": "training (with drops)", "held_out": "held out"}


def draw_curve(curve: list[dict]) -> str:
    """Loss by tokens seen; what lies above the window is cut off."""
    series = {name: [(point["tokens"] / 1e6, point[name]) for point in curve if name in point] for name in COLOURS}
    every = [value for points in series.values() for _, value in points]
    low = min(every) - 0.05
    high = min(max(every), low + 1.2)
    last = max(point["tokens"] for point in curve) / 1e6

    def place(tokens: float, value: float) -> str:
        x = MARGIN + (WIDTH - 2 * MARGIN) * tokens / last
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (min(value, high) - low) / (high - low)
        return f"{x:.1f},{y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    parts += grid(place, low, high, last)
    for index, (name, points) in enumerate(series.items()):
        line = " ".join(place(*point) for point in points if point[1] <= high)
        parts.append(f'<polyline fill="none" stroke="{COLOURS[name]}" stroke-width="1.5" points="{line}"/>')
        parts.append(f'<text x="{WIDTH - MARGIN}" y="{MARGIN + 16 * index}" text-anchor="end" '
                     f'fill="{COLOURS[name]}">{TITLES[name]}</text>')
    return "\n".join(parts + ["</svg>", ""])


def grid(place, low: float, high: float, last: float) -> list[str]:
    parts = [f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">million tokens</text>',
             f'<text x="{MARGIN}" y="24">loss, nats per token</text>']
    tenth = int(low * 10) + 1
    while tenth / 10 <= high:
        (start, y), (stop, _) = (place(tokens, tenth / 10).split(",") for tokens in (0, last))
        parts.append(f'<path d="M{start} {y}H{stop}" stroke="#e4e7eb"/>')
        parts.append(f'<text x="{MARGIN - 6}" y="{float(y) + 4:.1f}" text-anchor="end">{tenth / 10:.1f}</text>')
        tenth += 1 if high - low <= 0.7 else 2
    for share in range(5):
        x, y = place(last * share / 4, low).split(",")
        parts.append(f'<text x="{x}" y="{float(y) + 18:.1f}" text-anchor="middle">{last * share / 4:.1f}</text>')
    return parts
