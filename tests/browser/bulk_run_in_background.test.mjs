// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// P52: "Run in Background" hides the dialog, and only that: the pill stays, another line can be matched while the
// job is in the middle, and the end is announced.
scenario("run in background, then the completion notice", async ({ seed, tool, page }) => {
	const deposit = await bulk.bulk_deposit(seed, "Bulk Background", { batch_size: 2 });
	const payment = await seed.payment(deposit.bank_account, seed.unique("Meanwhile"), 77);
	const other = await seed.deposit(deposit.bank_account, 77, {
		reference_number: "MEANWHILE-1",
	});
	const held = bulk.hold_in_the_middle(page, seed);
	await tool.open(deposit.bank_account);
	await bulk.start_bulk(tool, deposit);
	const job_id = await held;
	await tool.progress.locator(".btn-primary", { hasText: "Run in Background" }).click();
	await tool.progress.waitFor({ state: "hidden" });
	assert.equal(await tool.pills.count(), 1);

	await tool.open_line("MEANWHILE-1");
	await tool.tick(payment.name);
	await tool.submit();
	await tool.toast(`${other.name} is matched.`);

	await seed.call("resume", { job_id });
	const announced = tool.toasts.filter({ hasText: /60 of 60/ });
	await announced.first().waitFor({ timeout: bulk.MOST_TIME });
	assert.equal(await announced.count(), 1, "announced once");
	await tool.rows(deposit.line.reference_number).waitFor({ state: "hidden" });
	assert.equal(await tool.pills.count(), 0);
	assert.equal(await tool.progress.count(), 0, "no dialog comes up by itself");
	await bulk.assert_settled(seed, deposit);
});
