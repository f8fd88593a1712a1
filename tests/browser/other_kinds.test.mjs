// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// A direct debit of 80 bounces, and the bank takes the money back: the two lines settle each other, both leave
// the list at once, and Undo brings both back.
scenario("a line that takes another back is matched with it", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Bounced");
	const deposit = await seed.deposit(bank_account, 80, { reference_number: "DEBIT-1" });
	const returned = await seed.withdrawal(bank_account, 80, { reference_number: "RETURN-1" });
	await tool.open(bank_account);
	assert.equal(await tool.count("open"), "2");
	await tool.open_line("RETURN-1");
	await tool.check("bank_transaction", true);
	await tool.tick(deposit.name);
	await tool.submit();
	const toast = await tool.toast(`${returned.name} is matched.`);
	await tool.rows("DEBIT-1").waitFor({ state: "hidden" });
	assert.deepEqual([await tool.count("open"), await tool.count("done")], ["0", "2"]);
	for (const line of [deposit, returned]) {
		assert.equal((await seed.line(line.name)).status, "Reconciled");
	}

	await toast.getByText("Undo").click();
	await tool.rows("DEBIT-1").waitFor();
	await tool.rows("RETURN-1").waitFor();
	assert.deepEqual(await seed.call("links", { bank_transaction: deposit.name }), []);
	assert.deepEqual(await seed.call("links", { bank_transaction: returned.name }), []);
});

// An invoice of 80 EUR on a bank account in USD: offered at the rate of the day, paid in full, and both amounts
// are in sight.
scenario("an invoice in another currency", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Two Currencies");
	await seed.make("make_exchange_rate", { args: ["EUR", 1.25] });
	const invoice = await seed.make("make_foreign_sales_invoice", { args: [80, "EUR", 1.25] });
	const line = await seed.deposit(bank_account, 100, { reference_number: "EUR-1" });
	await tool.open(bank_account);
	await tool.open_line("EUR-1");
	await tool.search(invoice.name);
	const row = await tool.candidate(invoice.name).innerText();
	assert.match(row, /\$ 100\.00/);
	assert.match(row, /80[.,]00/);
	await tool.tick(invoice.name);
	await tool.submit();
	await tool.toast(`${line.name} is matched.`);
	assert.deepEqual(await seed.outstanding([invoice]), [0]);
	assert.equal((await seed.line(line.name)).status, "Reconciled");
});
