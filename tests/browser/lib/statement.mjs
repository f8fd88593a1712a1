// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The import of a statement as its user sees it, and files to import.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const FILES = path.join(
	path.dirname(fileURLToPath(import.meta.url)),
	"../../../advanced_bank_reconciliation/tests/data/statements"
);
export const RECORD = "Bank Statement Import Record";
// Milliseconds until an import in the background has ended.
export const MOST_TIME = Number(process.env.ABR_MOST_TIME || 150_000);

// A file of the corpus, as a browser's file input takes it.
export function corpus(name, as = name) {
	return {
		name: as,
		mimeType: "application/octet-stream",
		buffer: readFileSync(path.join(FILES, name)),
	};
}

// The same with other texts in it: [[what stands there, what shall stand there], ...].
export function altered(name, changes, as = name) {
	let text = readFileSync(path.join(FILES, name), "utf-8");
	for (const [before, after] of changes) {
		assert.ok(text.includes(before), `${name} has ${before}`);
		text = text.replaceAll(before, after);
	}
	return { name: as, mimeType: "text/plain", buffer: Buffer.from(text, "utf-8") };
}

export function text_file(name, lines) {
	return {
		name,
		mimeType: "text/csv",
		buffer: Buffer.from(lines.join("\r\n") + "\r\n", "utf-8"),
	};
}

export class Import {
	constructor(tool) {
		this.tool = tool;
		this.page = tool.page;
		this.dialog = this.page.locator(".abr-import-dialog.show");
	}

	async open() {
		await this.page.getByRole("button", { name: "Upload Bank Statement" }).click();
		await this.dialog.locator("input[type=file]").waitFor({ state: "attached" });
		// A dialog that is still coming up does not hear that it is to be closed.
		await this.page.waitForFunction(() =>
			window.cur_dialog?.$wrapper.hasClass("abr-import-dialog")
		);
	}

	// By the file input of the desk's uploader; a dropped file goes the same way.
	async upload(file) {
		await this.dialog.locator("input[type=file]").setInputFiles(file);
	}

	async step_is(step) {
		await this.dialog.locator(`.abr-steps .abr-current [data-step=${step}]`).waitFor();
	}

	pane(step) {
		return this.dialog.locator(`[data-pane=${step}]`);
	}

	question(field) {
		return this.dialog.locator(`[data-question="${field}"]`);
	}

	async answer(field, value) {
		// Not check(), which looks at the button again: it goes when the server has the answer.
		await this.question(field).locator(`input[value="${value}"]`).click();
		await this.idle();
	}

	// Nothing is being tried on the server.
	async idle() {
		await this.page.waitForTimeout(100);
		await this.dialog.locator(".modal-body:not(:has(.abr-waiting))").waitFor();
	}

	async option(name, value) {
		const input = this.dialog.locator(`[data-option=${name}]`);
		if (typeof value === "boolean") await input.setChecked(value);
		else await input.selectOption(value);
		await this.idle();
	}

	async role(column, role) {
		await this.dialog.locator(`[data-column="${column}"]`).selectOption(role);
		await this.idle();
	}

	// {column: role} of the columns that are used.
	async roles() {
		const roles = {};
		for (const select of await this.dialog.locator("[data-column]").all()) {
			const value = await select.inputValue();
			if (value) roles[await select.getAttribute("data-column")] = value;
		}
		return roles;
	}

	// The first lines as they will be imported: lists of the cells' texts.
	parsed() {
		return texts(this.pane("columns").locator(".abr-first-lines tbody tr"));
	}

	// {outcome: count} of the pills.
	async outcomes(step = "check") {
		const counts = {};
		for (const pill of await this.pane(step).locator("[data-outcome]").all()) {
			counts[(await pill.getAttribute("data-outcome")) || "All"] = Number(
				await pill.locator("b").innerText()
			);
		}
		return counts;
	}

	async show_outcome(outcome, step = "check") {
		await this.pane(step).locator(`[data-outcome="${outcome}"]`).click();
		await this.tool.settled();
	}

	line(text, step = "check") {
		return this.pane(step).locator("tbody tr", { hasText: text });
	}

	get primary() {
		return this.dialog.locator(".modal-footer .btn-primary");
	}

	async press(label) {
		await this.dialog
			.locator(".modal-footer .btn-primary:not([disabled])", { hasText: label })
			.click();
	}

	async ended() {
		await this.pane("import")
			.locator(".abr-line-list:visible tbody tr")
			.first()
			.waitFor({ timeout: MOST_TIME });
	}

	async close() {
		await this.dialog.locator(".btn-modal-close").click();
		await this.dialog.waitFor({ state: "hidden" });
	}
}

async function texts(rows) {
	const found = [];
	for (const row of await rows.all()) {
		const cells = await row.locator("th, td").allInnerTexts();
		found.push(cells.map((text) => text.trim().replaceAll("\u00a0", " ")));
	}
	return found;
}

// The Bank Transactions of a bank account, oldest first: {date, deposit, withdrawal, description, ...}.
export function booked(seed, bank_account) {
	return seed.call("rows", {
		doctype: "Bank Transaction",
		filters: { bank_account, docstatus: 1 },
		fields: [
			"name",
			"date",
			"deposit",
			"withdrawal",
			"description",
			"reference_number",
			"bank_party_name",
			"status",
		],
		order_by: "date, creation",
	});
}

export async function the_record(seed, bank_account) {
	const records = await seed.call("rows", {
		doctype: RECORD,
		filters: { bank_account },
		fields: ["name", "status"],
	});
	assert.equal(records.length, 1, `one record for ${bank_account}`);
	return records[0];
}

// A statement of so many lines, all alike but for their number, with a running balance.
export function long_statement(name, count) {
	const rows = Array.from({ length: count }, (_value, index) => {
		const day = String((index % 28) + 1).padStart(2, "0");
		return `2026-01-${day},Sale ${index + 1},REF-${index + 1},1.25`;
	});
	return text_file(name, [
		"Date,Description,Reference,Amount,Fee",
		...rows.map((row) => `${row},`),
	]);
}
