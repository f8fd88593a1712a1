// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

export const PAGE = 50;
const LONGEST_PAGE = 1000; // of the server

// The lines that are shown, of as many as there are. An answer that comes after something newer was asked for,
// or shown, is dropped.
export class LinePages {
	// ask({outcome, start, page_length}): resolves with {lines, total}. on_lines(): there are others now
	constructor({ ask, on_lines }) {
		Object.assign(this, { ask, on_lines, lines: [], total: 0, turn: 0 });
	}

	show(lines, total) {
		this.turn += 1;
		Object.assign(this, { lines, total });
		this.on_lines();
	}

	// From the first line on, count of them or as many as there are.
	async load(outcome, count = PAGE) {
		const turn = (this.turn += 1);
		const found = await this.collect(outcome, [], count);
		if (turn === this.turn) this.show(found.lines, found.total);
	}

	async more(outcome) {
		const turn = (this.turn += 1);
		const found = await this.collect(outcome, this.lines, this.lines.length + PAGE);
		if (turn === this.turn) this.show(found.lines, found.total);
	}

	async collect(outcome, known, count) {
		const start = known.length;
		const page_length = Math.min(count - start, LONGEST_PAGE);
		const { lines, total } = await this.ask({ outcome: outcome || null, start, page_length });
		const found = [...known, ...lines];
		const rest = Math.min(count, total) - found.length;
		return rest > 0 && lines.length
			? this.collect(outcome, found, count)
			: { lines: found, total };
	}
}
