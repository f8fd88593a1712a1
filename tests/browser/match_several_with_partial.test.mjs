// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const at = (day) => ({
	posting_date: `2026-03-0${day}`,
	due_date: `2026-03-1${day}`,
});

// A deposit of 250.00 for a Payment Entry of 80.00 and three invoices of 100.00, of which the first is to get
// 30.00 only. What the preview says is what is booked: 80, 30, 100, and the 40 that are left to the newest.
scenario(
	"match several with a partial: the preview is what is booked",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Partial");
		const customer = seed.unique("Partial");
		const payment = await seed.payment(bank_account, customer, 80);
		const [first, second, third] = [
			...(await seed.invoices(customer, [100], at(1))),
			...(await seed.invoices(customer, [100], at(2))),
			...(await seed.invoices(customer, [100], at(3))),
		];
		const line = await seed.deposit(bank_account, 250, {
			reference_number: "SEVERAL-1",
		});
		await tool.open(bank_account);
		await tool.open_line("SEVERAL-1");
		await tool.search(customer);
		for (const { name } of [third, payment, first, second]) await tool.tick(name);
		assert.match(await tool.totals, /4 selected/);
		assert.match(await tool.totals, /130\.00 more than what is unallocated/);
		await tool.type_amount(first.name, 30);

		const preview = await tool.preview();
		assert.deepEqual(preview, {
			[payment.name]: 80,
			[first.name]: 30,
			[second.name]: 100,
			[third.name]: 40,
		});
		assert.match(await tool.totals, /Remains: \$ 0\.00/);
		assert.match(await tool.totals, /60\.00 more than what is unallocated/);
		await tool.submit();
		await tool.toast(`${line.name} is matched.`);

		assert.deepEqual(await seed.outstanding([first, second, third]), [70, 0, 60]);
		const booked = {};
		for (const link of await seed.call("links", {
			bank_transaction: line.name,
		})) {
			booked[await paid_document(seed, link.payment_entry)] = link.allocated_amount;
		}
		assert.deepEqual(booked, preview);
		const { status, unallocated_amount } = await seed.line(line.name);
		assert.deepEqual(
			{ status, unallocated_amount },
			{ status: "Reconciled", unallocated_amount: 0 }
		);
		await tool.show_tab("done");
		assert.equal(await tool.rows().count(), 4);
	}
);

// The invoice that the Payment Entry pays, or else its own name.
async function paid_document(seed, payment_entry) {
	const [reference] = await seed.call("rows", {
		doctype: "Payment Entry Reference",
		filters: { parent: payment_entry },
		fields: ["reference_name"],
	});
	return reference?.reference_name || payment_entry;
}

// A deposit of 90.00: an invoice of 120.00 and its customer's credit note of 30.00 net to it exactly.
scenario("a credit note gives back, in the preview and in the books", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Credit Note");
	const customer = seed.unique("Credit Note");
	const documents = await seed.invoices(customer, [120, -30]);
	const [invoice, credit_note] = documents;
	const line = await seed.deposit(bank_account, 90, {
		reference_number: "NET-1",
	});
	await tool.open(bank_account);
	await tool.open_line("NET-1");
	await tool.search(customer);
	await tool.tick(invoice.name);
	assert.deepEqual(await tool.preview(), { [invoice.name]: 90 });
	await tool.tick(credit_note.name);
	assert.deepEqual(await tool.preview(), {
		[invoice.name]: 120,
		[credit_note.name]: -30,
	});
	await tool.submit();
	await tool.toast(`${line.name} is matched.`);
	assert.deepEqual(await seed.outstanding(documents), [0, 0]);
	assert.equal((await seed.line(line.name)).unallocated_amount, 0);
});
