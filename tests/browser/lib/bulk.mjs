// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What the scenarios of bulk deposits share.

import assert from "node:assert/strict";

export const INVOICES = 60;
const AMOUNT = 10;
export const MOST_TIME = 150_000; // milliseconds until a job of 60 has ended, on a slow machine

// A deposit that pays 60 invoices of one customer; the last `strangers` of them are of other customers, whose
// names begin with the first one's.
export async function bulk_deposit(seed, text, { strangers: count = 0, batch_size = 10 } = {}) {
	await seed.call("settings", {
		reconcile_unpaid_invoices_in_background: 1,
		bulk_threshold: 50,
		batch_size,
		on_invoice_failure: "Skip and report",
	});
	const bank_account = await seed.bank_account(text);
	const customer = seed.unique(text);
	const strangers = Array.from(
		{ length: count },
		(_value, number) => `${customer} stranger ${number + 1}`
	);
	const invoices = await seed.invoices(customer, Array(INVOICES - count).fill(AMOUNT));
	for (const stranger of strangers) invoices.push(...(await seed.invoices(stranger, [AMOUNT])));
	const reference_number = seed.unique("DEPOSIT");
	const line = await seed.deposit(bank_account, INVOICES * AMOUNT, {
		reference_number,
	});
	return { bank_account, customer, strangers, invoices, line };
}

// From the open form to the running job's dialog.
export async function start_bulk(tool, deposit) {
	await select_bulk(tool, deposit);
	await submit_bulk(tool);
}

export async function select_bulk(tool, { customer, line }) {
	await tool.open_line(line.reference_number);
	await tool.search(customer);
	await tool.dialog.locator("[data-action=all]").click();
	await tool.page.getByText(`${INVOICES} selected`).waitFor();
}

export async function submit_bulk(tool) {
	await tool.submit();
	await tool.page
		.getByText(`${INVOICES} Payment Entries will be made in the background`)
		.waitFor();
	await tool.confirm();
	await tool.progress.waitFor();
}

// Note every percentage that the bar shows, from now on, also in pages that are opened later.
export function watch_bar(page, selector = ".abr-progress-dialog .progress-bar[aria-valuenow]") {
	return page.addInitScript((selector) => {
		window.bar_values = [];
		new MutationObserver(() => {
			const bar = document.querySelector(selector);
			const value = bar && Number(bar.getAttribute("aria-valuenow"));
			if (bar && value !== window.bar_values.at(-1)) window.bar_values.push(value);
		}).observe(document, {
			subtree: true,
			childList: true,
			attributes: true,
			attributeFilter: ["aria-valuenow"],
		});
	}, selector);
}

export function bar_values(page) {
	return page.evaluate(() => window.bar_values);
}

// The percentages of the progress events that come over the page's web socket, and the number of those
// that say the end.
export function watch_socket(page) {
	const heard = { percentages: [], ends: 0 };
	page.on("websocket", (socket) => {
		if (!socket.url().includes("socket.io")) return;
		socket.on("framereceived", ({ payload }) => {
			const text = String(payload);
			if (text.includes('"bulk_reconciliation_complete"')) heard.ends += 1;
			if (!text.includes('"bulk_reconciliation_progress"')) return;
			heard.percentages.push(Number(/"percentage":\s*([\d.]+)/.exec(text)[1]));
		});
	});
	return heard;
}

// Resolves with the job's id once it stands still in the middle: it is paused when its first batch is done.
// Pausing waits for the end of a batch, so small ones let it through in time.
export function hold_in_the_middle(page, seed) {
	return new Promise((resolve, reject) => {
		let held = false;
		page.on("websocket", (socket) =>
			socket.on("framereceived", ({ payload }) => {
				const event = /"bulk_reconciliation_progress",.*"job_id":\s*"([^"]+)"/.exec(
					String(payload)
				);
				if (!event || held) return;
				held = true;
				seed.call("pause", { job_id: event[1] }).then(() => resolve(event[1]), reject);
			})
		);
	});
}

export function assert_moves_from_0_to_100(values) {
	assert.equal(values[0], 0, `starts at 0: ${values}`);
	assert.equal(values.at(-1), 100, `ends at 100: ${values}`);
	assert.ok(new Set(values).size >= 4, `moves in several steps: ${values}`);
	assert.deepEqual(
		values,
		[...values].sort((a, b) => a - b),
		"never goes back"
	);
}

export async function ended(dialog) {
	await dialog
		.locator(".modal-title", { hasText: /^\s*Completed\s*$/ })
		.waitFor({ timeout: MOST_TIME });
}

// Every invoice is paid by a Payment Entry of its own, and the line is full.
export async function assert_settled(seed, { invoices, line }) {
	assert.deepEqual(new Set(await seed.outstanding(invoices)), new Set([0]));
	const { status, unallocated_amount } = await seed.line(line.name);
	assert.deepEqual(
		{ status, unallocated_amount },
		{ status: "Reconciled", unallocated_amount: 0 }
	);
	const links = await seed.call("links", { bank_transaction: line.name });
	assert.equal(new Set(links.map(({ payment_entry }) => payment_entry)).size, INVOICES);
}
