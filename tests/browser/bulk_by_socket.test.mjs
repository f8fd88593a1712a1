// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// A deposit of 600.00 pays 60 invoices of 10.00 each, ten to a batch. The bar goes from 0 to 100 as the
// socket says; in the end the line has left the table.
scenario("a bulk of 60: the bar moves by socket events", async ({ seed, tool, page }) => {
	const deposit = await bulk.bulk_deposit(seed, "Bulk Socket");
	const heard = bulk.watch_socket(page);
	await bulk.watch_bar(page);
	await tool.open(deposit.bank_account);
	await bulk.start_bulk(tool, deposit);
	await tool.pills.waitFor();
	await bulk.ended(tool.progress);

	const values = await bulk.bar_values(page);
	bulk.assert_moves_from_0_to_100(values);
	assert.ok(heard.percentages.length >= 6, `an event after each batch: ${heard.percentages}`);
	assert.equal(heard.ends, 1, "one event says the end");
	for (const percentage of heard.percentages) {
		assert.ok(
			values.includes(percentage),
			`${percentage} was heard, the bar showed ${values}`
		);
	}

	assert.equal(await tool.progress.locator(".abr-current").innerText(), "60 of 60");
	assert.match(
		await tool.progress.locator(".abr-job-links a").getAttribute("href"),
		/bulk-bank-reconciliation/
	);
	await tool.close(tool.progress);
	await tool.rows(deposit.line.reference_number).waitFor({ state: "hidden" });
	assert.equal(await tool.pills.count(), 0);
	assert.equal(await tool.count("open"), "0");
	assert.equal(await tool.count("done"), "60");
	await bulk.assert_settled(seed, deposit);
});
