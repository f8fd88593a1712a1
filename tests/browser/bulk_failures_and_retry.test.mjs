// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// One of the 60 invoices is of a customer who is frozen: 59 are paid, the one that failed is named with the
// reason. Once the customer is thawed, Retry Failed pays it, too.
scenario("failures are named, and retried from the dialog", async ({ seed, tool }) => {
	const deposit = await bulk.bulk_deposit(seed, "Bulk Failure", { strangers: 1 });
	const [stranger] = deposit.strangers;
	await seed.call("set_value", {
		doctype: "Customer",
		name: stranger,
		values: { is_frozen: 1 },
	});
	await tool.open(deposit.bank_account);
	await bulk.start_bulk(tool, deposit);
	const title = tool.progress.locator(".modal-title");
	await title.filter({ hasText: "Partially Completed" }).waitFor({ timeout: bulk.MOST_TIME });

	const failures = tool.progress.locator(".abr-failures li");
	assert.equal(await failures.count(), 1);
	assert.match(await failures.innerText(), /frozen/);
	assert.match(await tool.progress.locator(".abr-message").innerText(), /59 of 60/);
	assert.equal((await seed.line(deposit.line.name)).unallocated_amount, 10);

	await seed.call("set_value", {
		doctype: "Customer",
		name: stranger,
		values: { is_frozen: 0 },
	});
	await tool.progress.locator("[data-action=retry]").click();
	await bulk.ended(tool.progress);
	assert.equal(await failures.count(), 0);
	await bulk.assert_settled(seed, deposit);
});
