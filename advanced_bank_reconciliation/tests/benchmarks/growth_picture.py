# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Draws milliseconds per invoice over the number of invoices, as SVG, without a library."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 400, 60, 30, 20, 50
COLOURS = ("#7c7c7c", "#2490ef", "#28a745", "#e8833a")


def draw(path: str, series: dict[str, Sequence[float]], every: int) -> None:
	"""Write the picture. series: by label, one value for each `every` invoices."""
	longest = max(len(values) for values in series.values())
	highest = _round_up(max(value for values in series.values() for value in values))
	width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

	def place(number: int, value: float) -> tuple[float, float]:
		across = LEFT + width * (number / max(longest - 1, 1))
		return across, TOP + height * (1 - value / highest)

	parts = [
		f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
		' font-family="sans-serif" font-size="12">',
		f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
	]
	for step in range(6):
		value = highest * step / 5
		_across, down = place(0, value)
		parts.append(
			f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{down:.1f}" y2="{down:.1f}" stroke="#ddd"/>'
		)
		parts.append(f'<text x="{LEFT - 8}" y="{down + 4:.1f}" text-anchor="end">{value:.0f}</text>')
	for number in range(0, longest, max(1, longest // 10)):
		across, _down = place(number, 0)
		parts.append(
			f'<text x="{across:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{(number + 1) * every}</text>'
		)
	parts.append(
		f'<text x="{LEFT}" y="16">milliseconds per invoice, by how many the job has paid so far</text>'
	)
	for index, (label, values) in enumerate(series.items()):
		colour = COLOURS[index % len(COLOURS)]
		points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*each) for each in enumerate(values)))
		parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
		across = LEFT + 170 * index
		parts.append(f'<rect x="{across}" y="{HEIGHT - 20}" width="12" height="12" fill="{colour}"/>')
		parts.append(f'<text x="{across + 18}" y="{HEIGHT - 10}">{escape(label)}</text>')
	Path(path).write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def _round_up(value: float) -> float:
	step = 10 ** (len(str(int(value))) - 1)
	return step * (int(value / step) + 1)
