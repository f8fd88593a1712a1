// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Which lines of an import are shown, whichever answer comes first.

import assert from "node:assert/strict";
import test from "node:test";

import {
	LinePages,
	PAGE,
} from "../../advanced_bank_reconciliation/public/js/advance_bank_reconciliation_tool/core/line_pages.js";

// A server of so many lines whose answers are given when the test says so.
class Server {
	constructor(total) {
		Object.assign(this, { total, asked: [], shown: [] });
		this.pages = new LinePages({
			ask: (page) =>
				new Promise((resolve) =>
					this.asked.push({ page, answer: () => resolve(this.page(page)) })
				),
			on_lines: () => this.shown.push(this.pages.lines.length),
		});
	}

	page({ outcome, start, page_length }) {
		const numbers = Array.from({ length: this.total }, (_value, index) => index);
		const lines = numbers
			.slice(start, start + page_length)
			.map((number) => `${outcome || "All"} ${number}`);
		return { lines, total: this.total };
	}

	async answer(index) {
		this.asked[index].answer();
		await new Promise(setImmediate);
	}
}

test("a page that comes late does not replace the state that was shown meanwhile", async () => {
	const server = new Server(120);
	server.pages.load("Bad");
	server.pages.show(["corrected"], 1);
	await server.answer(0);
	assert.deepEqual(server.pages.lines, ["corrected"]);
	assert.equal(server.pages.total, 1);
	assert.deepEqual(server.shown, [1], "nothing is drawn for the late answer");
});

test("of two questions the later one counts, whichever answer is first", async () => {
	const server = new Server(3);
	server.pages.load("Bad");
	server.pages.load("New");
	await server.answer(1);
	await server.answer(0);
	assert.deepEqual(server.pages.lines, ["New 0", "New 1", "New 2"]);
});

test("more lines come behind those that are shown, and only once", async () => {
	const server = new Server(70);
	server.pages.show(server.page({ start: 0, page_length: PAGE }).lines, 70);
	server.pages.more("");
	server.pages.more("");
	await server.answer(0);
	await server.answer(1);
	assert.equal(server.pages.lines.length, 70);
	assert.equal(new Set(server.pages.lines).size, 70);
	assert.deepEqual(server.asked[0].page, { outcome: null, start: 50, page_length: 50 });
});

test("as many are loaded again as were shown, in pages that the server gives", async () => {
	const server = new Server(2500);
	server.pages.load("", 2100);
	for (let index = 0; index < 3; index += 1) await server.answer(index);
	assert.deepEqual(
		server.asked.map(({ page }) => [page.start, page.page_length]),
		[
			[0, 1000],
			[1000, 1000],
			[2000, 100],
		]
	);
	assert.equal(server.pages.lines.length, 2100);
	assert.equal(server.pages.lines[2099], "All 2099");
});

test("lines that are gone meanwhile are not waited for", async () => {
	const server = new Server(10);
	server.pages.load("Bad", 200);
	await server.answer(0);
	assert.equal(server.asked.length, 1);
	assert.equal(server.pages.lines.length, 10);
});
