// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// 60 invoices, 58 of them of one customer, 50 to a Payment Entry at most: 60 documents one way, 4 the other.
// What the dialog says is what the run makes.
scenario("a bulk of 60, one Payment Entry per party", async ({ seed, tool, page }) => {
	await seed.call("settings", {
		payment_entries_per: "Invoice",
		most_invoices_per_payment_entry: 50,
	});
	const deposit = await bulk.bulk_deposit(seed, "Bulk Party", { strangers: 2 });
	await tool.open(deposit.bank_account);
	await bulk.select_bulk(tool, deposit);
	await tool.submit();

	const dialog = page.locator(".abr-confirm-bulk");
	const choice = dialog.locator("select[data-fieldname=payment_entries_per]");
	await dialog.getByText("60 Payment Entries will be made").waitFor();
	assert.deepEqual(
		(await choice.locator("option").allInnerTexts()).map((text) => text.trim()),
		["One per invoice: 60 documents", "One per party: 4 documents"]
	);
	assert.equal(await choice.inputValue(), "Invoice");
	await choice.selectOption("Party");
	await dialog.getByText("4 Payment Entries will be made").waitFor();
	await tool.confirm();
	await tool.progress.waitFor();
	await bulk.ended(tool.progress);

	assert.equal(await tool.progress.locator(".abr-current").innerText(), "60 of 60");
	assert.deepEqual(new Set(await seed.outstanding(deposit.invoices)), new Set([0]));
	const { status, unallocated_amount } = await seed.line(deposit.line.name);
	assert.deepEqual(
		{ status, unallocated_amount },
		{ status: "Reconciled", unallocated_amount: 0 }
	);
	const links = await seed.call("links", { bank_transaction: deposit.line.name });
	assert.equal(new Set(links.map(({ payment_entry }) => payment_entry)).size, 4);
});

scenario("declining the question starts nothing", async ({ seed, tool, page }) => {
	const deposit = await bulk.bulk_deposit(seed, "Bulk Declined");
	await tool.open(deposit.bank_account);
	await bulk.select_bulk(tool, deposit);
	const started = tool.requests("create_payment_entries_bulk");
	await tool.submit();
	const dialog = page.locator(".abr-confirm-bulk");
	await dialog.getByText("Payment Entries will be made").waitFor();
	await dialog.getByRole("button", { name: "No", exact: true }).click();
	await dialog.waitFor({ state: "hidden" });
	assert.equal(started.length, 0);
	assert.equal(await tool.progress.count(), 0);
	await tool.dialog.waitFor();
});
