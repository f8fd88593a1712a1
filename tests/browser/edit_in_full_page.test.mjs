// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// The voucher is only drawn up: its own form opens with it, unsaved, and the books do not change.
scenario("edit a new voucher in full page", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Full Page");
	const customer = seed.unique("Full Page");
	await seed.make("make_party", { party_type: "Customer", name: customer });
	const line = await seed.deposit(bank_account, 65, {
		reference_number: "FULL-1",
	});
	await tool.open(bank_account);
	await tool.open_line("FULL-1");
	await tool.dialog_tab("create");
	await tool.input("document_type").selectOption("Payment Entry");
	await tool.pick("party", customer);
	await tool.dialog.getByRole("button", { name: "Edit in Full Page" }).click();

	await page.waitForURL(/\/app\/payment-entry\/new-payment-entry/);
	await tool.dialog.waitFor({ state: "hidden" });
	await page.waitForFunction(() => window.cur_frm?.doctype === "Payment Entry");
	const doc = await page.evaluate(() => ({
		party: cur_frm.doc.party,
		paid_amount: cur_frm.doc.paid_amount,
		is_new: Boolean(cur_frm.is_new()),
	}));
	assert.deepEqual(doc, { party: customer, paid_amount: 65, is_new: true });
	const made = {
		doctype: "Payment Entry",
		filters: { party: customer },
		fields: ["name"],
	};
	assert.deepEqual(await seed.call("rows", made), []);
	assert.equal((await seed.line(line.name)).unallocated_amount, 65);
});
