// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// One match pays two invoices and links a Payment Entry that existed. Undo takes all three off: the two that
// were made are cancelled, the third stays, the invoices are open again.
scenario("undo in the toast takes back the whole match", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Toast");
	const customer = seed.unique("Toast");
	const payment = await seed.payment(bank_account, customer, 10);
	const invoices = await seed.invoices(customer, [20, 30]);
	const line = await seed.deposit(bank_account, 60, {
		reference_number: "TOAST-1",
	});
	await tool.open(bank_account);
	await tool.open_line("TOAST-1");
	await tool.search(customer);
	await tool.dialog.locator("[data-action=all]").click();
	await tool.submit();
	const toast = await tool.toast(`${line.name} is matched.`);
	const links = await seed.call("links", { bank_transaction: line.name });
	assert.equal(links.length, 3);
	assert.deepEqual(await seed.outstanding(invoices), [0, 0]);

	await tool.page.getByText("Nothing is open in this period.").waitFor();

	await toast.getByText("Undo").click();
	await tool.rows("TOAST-1").filter({ hasText: "$ 60.00" }).waitFor();
	assert.deepEqual(await seed.call("links", { bank_transaction: line.name }), []);
	assert.deepEqual(await seed.outstanding(invoices), [20, 30]);
	for (const { payment_entry } of links) {
		const docstatus = await seed.value("Payment Entry", payment_entry, "docstatus");
		assert.equal(docstatus, payment_entry === payment.name ? 1 : 2);
	}
	assert.equal(await tool.count("done"), "0");
});
