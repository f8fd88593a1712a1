// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// A bank fee of 12.50: a Journal Entry against the expense account.
scenario("create a Journal Entry", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Create Journal");
	const line = await seed.withdrawal(bank_account, 12.5, {
		reference_number: "FEE-1",
	});
	const expenses = await seed.make("account", {
		title: "Miscellaneous Expenses",
	});
	await tool.open(bank_account);
	await tool.open_line("FEE-1");
	await tool.dialog_tab("create");
	await tool.input("document_type").selectOption("Journal Entry");
	await tool.input("entry_type").selectOption("Bank Entry");
	await tool.pick("second_account", expenses);
	await tool.submit();
	await tool.toast(`${line.name} is matched.`);

	const [link] = await seed.call("links", { bank_transaction: line.name });
	assert.deepEqual([link.payment_document, link.allocated_amount], ["Journal Entry", 12.5]);
	const entries = await seed.call("rows", {
		doctype: "GL Entry",
		filters: { voucher_no: link.payment_entry, is_cancelled: 0 },
		fields: ["account", "debit", "credit"],
		order_by: "debit desc",
	});
	assert.deepEqual(
		entries.map(({ account, debit, credit }) => [account === expenses, debit, credit]),
		[
			[true, 12.5, 0],
			[false, 0, 12.5],
		]
	);
	assert.equal((await seed.line(line.name)).status, "Reconciled");
	await tool.rows("FEE-1").waitFor({ state: "hidden" });
});
