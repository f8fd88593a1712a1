// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// A deposit of 180.00 and a Payment Entry of 180.00: two clicks, and both sides know each other.
scenario("match one voucher by clicking", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Match One");
	const customer = seed.unique("Match One");
	const payment = await seed.payment(bank_account, customer, 180);
	const line = await seed.deposit(bank_account, 180, {
		reference_number: "ONE-1",
	});
	await seed.deposit(bank_account, 55, { reference_number: "OTHER-1" });

	await tool.open(bank_account);
	assert.equal(await tool.count("open"), "2");
	await tool.open_line("ONE-1");
	await tool.tick(payment.name);
	assert.match(await tool.submit_button.innerText(), /Reconcile 1/i);
	await tool.submit();

	await tool.toast(`${line.name} is matched.`);
	await tool.dialog.waitFor({ state: "hidden" });
	await tool.rows("ONE-1").waitFor({ state: "hidden" });
	assert.equal(await tool.count("open"), "1");
	assert.equal(await tool.count("done"), "1");
	await tool.show_tab("done");
	const row = await tool.rows(payment.name).innerText();
	assert.match(row, /180\.00/);
	assert.match(row, /Matched/);

	assert.deepEqual(await seed.call("links", { bank_transaction: line.name }), [
		{
			payment_document: "Payment Entry",
			payment_entry: payment.name,
			allocated_amount: 180,
		},
	]);
	assert.equal((await seed.line(line.name)).status, "Reconciled");
	assert.equal(await seed.value("Payment Entry", payment.name, "clearance_date"), "2026-03-20");
});
