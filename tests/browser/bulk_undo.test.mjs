// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

const question = (page) => page.locator(".modal.show", { hasText: "Vouchers to be unlinked" });

async function assert_untouched(seed, { invoices, line, customer }) {
	assert.deepEqual(new Set(await seed.outstanding(invoices)), new Set([10]));
	assert.deepEqual(await seed.call("links", { bank_transaction: line.name }), []);
	const { status, unallocated_amount } = await seed.line(line.name);
	assert.deepEqual(
		{ status, unallocated_amount },
		{ status: "Unreconciled", unallocated_amount: 600 }
	);
	const made = await seed.call("rows", {
		doctype: "Payment Entry",
		filters: { party: customer },
		fields: ["docstatus"],
	});
	assert.equal(made.length, bulk.INVOICES);
	assert.deepEqual(new Set(made.map(({ docstatus }) => docstatus)), new Set([2]));
}

// Undone from the dialog of the run that has just ended: asked first in numbers, with a bar that moves.
scenario(
	"undo a bulk: it says what it will do, shows its progress, and takes all back",
	async (stage) => {
		const { seed, tool, page } = stage;
		const deposit = await bulk.bulk_deposit(seed, "Bulk Undo");
		await bulk.watch_bar(page);
		await tool.open(deposit.bank_account);
		await bulk.start_bulk(tool, deposit);
		await bulk.ended(tool.progress);
		await bulk.assert_settled(seed, deposit);

		const undo = tool.progress.locator("[data-action=undo]");
		await undo.click();
		const text = await question(page).innerText();
		assert.match(
			text,
			new RegExp(`unlinked from Bank Transaction ${deposit.line.name}: ${bulk.INVOICES}`)
		);
		assert.match(text, new RegExp(`Payment Entries to be cancelled: ${bulk.INVOICES}`));
		await question(page)
			.locator(".modal-header .btn-modal-close:visible, .btn-secondary:visible")
			.first()
			.click();
		await question(page).waitFor({ state: "hidden" });
		await bulk.assert_settled(seed, deposit);

		await page.evaluate(() => (window.bar_values = [100])); // what it shows now
		await undo.click();
		await question(page).locator(".btn-primary:visible").click();
		await tool.progress
			.locator(".modal-title", { hasText: /^\s*Undone\s*$/ })
			.waitFor({ timeout: bulk.MOST_TIME });
		const message = await tool.progress.locator(".abr-message").innerText();
		assert.match(message, /Payment Entries cancelled: 60; their invoices are unpaid again/);
		bulk.assert_moves_from_0_to_100((await bulk.bar_values(page)).slice(1));
		assert.equal(await undo.isVisible(), false);
		await assert_untouched(seed, deposit);

		await tool.close(tool.progress);
		await tool.rows(deposit.line.reference_number).filter({ hasText: "$ 600.00" }).waitFor();
		assert.equal(await tool.pills.count(), 0);
	}
);

// Undone from the list of jobs, after a reload; the same deposit can be settled again.
scenario(
	"undo a past bulk from the list of jobs, and settle the deposit again",
	async ({ seed, tool, page }) => {
		const deposit = await bulk.bulk_deposit(seed, "Bulk Undo List");
		await tool.open(deposit.bank_account);
		await bulk.start_bulk(tool, deposit);
		await bulk.ended(tool.progress);
		await tool.reload();

		const list = page.locator(".abr-job-list.show");
		await page.getByRole("button", { name: "Bulk Reconciliations" }).click();
		await list.locator("tbody tr [data-undo]").click();
		await question(page).locator(".btn-primary:visible").click();
		await tool.progress
			.locator(".modal-title", { hasText: /^\s*Undone\s*$/ })
			.waitFor({ timeout: bulk.MOST_TIME });
		await assert_untouched(seed, deposit);
		await tool.close(tool.progress);
		await page.getByRole("button", { name: "Bulk Reconciliations" }).click();
		assert.match(await list.locator("tbody tr").innerText(), /Undone\s+0 of 60/);
		assert.equal(await list.locator("[data-undo]").count(), 0);
		await tool.close(list);

		await bulk.start_bulk(tool, deposit);
		await bulk.ended(tool.progress);
		await bulk.assert_settled(seed, deposit);
	}
);
