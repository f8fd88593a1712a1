// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const text = async (card) => (await card.locator(".abr-card-value").innerText()).trim();
const has = async (card, name) => (await card.getAttribute("class")).split(" ").includes(name);

async function type_closing_balance(tool, amount) {
	await tool.field("bank_statement_closing_balance").fill(amount);
	await tool.field("bank_statement_closing_balance").press("Tab");
	await tool.settled();
}

// The bank says 300.00, and so will the books once the payment has cleared. Without the statement's figure there
// is no difference, only a dash; a cent makes it red. What was typed is there again after a reload.
scenario("cards: dash, red, green; never NaN", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Cards");
	const payment = await seed.payment(bank_account, seed.unique("Cards"), 300);
	await seed.deposit(bank_account, 300, { reference_number: "CARDS-1" });
	await tool.open(bank_account);
	const [statement, books, difference] = ["statement", "books", "difference"].map((name) =>
		tool.card(name)
	);
	const colors = async () => [
		await has(difference, "abr-good"),
		await has(difference, "abr-bad"),
	];
	assert.deepEqual(
		[await text(statement), await text(books), await text(difference)],
		["–", "$ 0.00", "–"]
	);
	assert.deepEqual(await colors(), [false, false]);

	await type_closing_balance(tool, "300.01");
	assert.equal(await text(difference), "$ 300.01");
	await tool.open_line("CARDS-1");
	await tool.tick(payment.name);
	await tool.submit();
	await tool.toast("is matched.");
	assert.deepEqual([await text(books), await text(difference)], ["$ 300.00", "$ 0.01"]);
	assert.deepEqual(await colors(), [false, true]);
	await type_closing_balance(tool, "300");
	assert.equal(await text(difference), "$ 0.00");
	assert.deepEqual(await colors(), [true, false]);

	await tool.reload();
	assert.deepEqual([await text(statement), await text(difference)], ["$ 300.00", "$ 0.00"]);
	assert.deepEqual(await colors(), [true, false]);
	assert.doesNotMatch(await page.locator("body").innerText(), /NaN|undefined|\[object/);
});

// A new payment of 110.29 (P07: no float shows its tail) changes the balance of the books, and the cards follow.
scenario("cards follow what is booked", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Cards Follow");
	const customer = seed.unique("Cards Follow");
	const [invoice] = await seed.invoices(customer, [110.29]);
	await seed.deposit(bank_account, 110.29, { reference_number: "FOLLOW-1" });
	await tool.open(bank_account);
	await type_closing_balance(tool, "110.29");
	assert.equal(await text(tool.card("difference")), "$ 110.29");
	await tool.open_line("FOLLOW-1");
	await tool.search(customer);
	await tool.tick(invoice.name);
	await tool.submit();
	await tool.toast("is matched.");
	assert.equal(await text(tool.card("books")), "$ 110.29");
	assert.equal(await text(tool.card("difference")), "$ 0.00");
	assert.ok(await has(tool.card("difference"), "abr-good"));
});
