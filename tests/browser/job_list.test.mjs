// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// The list says what to do while there is no job; a running one can be watched from it; an ended one stays.
scenario("the list of bulk jobs, empty, running and past", async ({ seed, tool, page }) => {
	const deposit = await bulk.bulk_deposit(seed, "Job List", { batch_size: 2 });
	const held = bulk.hold_in_the_middle(page, seed);
	const list = page.locator(".abr-job-list.show");
	const open_list = () => page.getByRole("button", { name: "Bulk Reconciliations" }).click();
	await tool.open(deposit.bank_account);
	await open_list();
	assert.match(await list.locator(".abr-empty").innerText(), /No bulk reconciliation/);
	await tool.close(list);

	await bulk.start_bulk(tool, deposit);
	const job_id = await held;
	await tool.progress.locator(".btn-primary:visible").click();
	await open_list();
	const row = list.locator("tbody tr", { hasText: job_id });
	assert.match(await row.innerText(), /Paused/);
	await row.locator("[data-job]").click();
	await tool.progress.locator("[data-action=resume]").click();
	await bulk.ended(tool.progress);
	await bulk.assert_settled(seed, deposit);

	await tool.close(tool.progress);
	await open_list();
	assert.match(await row.innerText(), /Completed\s+Undo\s+60 of 60/);
	assert.equal(await row.locator("[data-job]").count(), 0);
});
