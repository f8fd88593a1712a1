// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// A deposit of 99.50 for an invoice of 100.00. The offer to settle the difference is there only while it is
// small; with the company's write-off account it is shown, and booked, and the invoice is settled (P21).
scenario("a small difference is settled in the dialog", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Difference");
	const customer = seed.unique("Difference");
	const [invoice, large] = await seed.invoices(customer, [100, 700]);
	const line = await seed.deposit(bank_account, 99.5, { reference_number: "SHORT-1" });
	await tool.open(bank_account);
	await tool.open_line("SHORT-1");
	await tool.search(customer);
	const offer = tool.dialog.locator(".abr-small-difference");
	assert.equal(await offer.isVisible(), false, "nothing is ticked yet");
	await tool.tick(large.name);
	assert.equal(await offer.isVisible(), false, "600.50 are no small difference");
	await tool.dialog.locator("[data-action=none]").click();
	await tool.tick(invoice.name);
	assert.match(await offer.innerText(), /\$ 0\.50 short/);
	assert.match(await tool.totals, /0\.50 more than what is unallocated/);

	await offer.locator("summary").click();
	await offer.locator("[data-account]").first().click();
	await tool.dialog.locator(".abr-totals", { hasText: "Booked as difference" }).waitFor();
	assert.match(await tool.totals, /Booked as difference: \$ 0\.50/);
	assert.doesNotMatch(await tool.totals, /more than what is unallocated/);
	await tool.submit();
	await tool.toast(`${line.name} is matched.`);

	assert.deepEqual(await seed.outstanding([invoice]), [0]);
	assert.equal((await seed.line(line.name)).unallocated_amount, 0);
	const [link] = await seed.call("links", { bank_transaction: line.name });
	const [deduction] = await seed.call("rows", {
		doctype: "Payment Entry Deduction",
		filters: { parent: link.payment_entry },
		fields: ["amount"],
	});
	assert.equal(deduction.amount, 0.5);
});
