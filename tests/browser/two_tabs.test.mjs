// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// Two browsers show the same account with the same 60 invoices ticked. One starts the job; the other, while Pause
// holds that in the middle, is led to the same job. Each invoice is paid once, and both see the end.
scenario("two tabs: one job, seen in both", async ({ seed, tool, new_tool }) => {
	const deposit = await bulk.bulk_deposit(seed, "Two Tabs", { batch_size: 2 });
	const held = bulk.hold_in_the_middle(tool.page, seed);
	const other = await new_tool();
	await tool.open(deposit.bank_account);
	await other.open(deposit.bank_account);
	await bulk.select_bulk(tool, deposit);
	await bulk.select_bulk(other, deposit);
	await bulk.submit_bulk(tool);
	await held;
	await bulk.submit_bulk(other);

	const title = (of) => of.progress.locator(".modal-title").innerText();
	assert.equal(await title(other), await title(tool), "the same job");
	await tool.progress.locator("[data-action=resume]").click();
	await Promise.all([bulk.ended(tool.progress), bulk.ended(other.progress)]);
	for (const each of [tool, other]) {
		await each.rows(deposit.line.reference_number).waitFor({ state: "hidden" });
	}
	await bulk.assert_settled(seed, deposit);
	const jobs = { bank_transaction: deposit.line.name };
	assert.equal(
		(
			await seed.call("rows", {
				doctype: "Bulk Bank Reconciliation",
				filters: jobs,
				fields: ["name"],
			})
		).length,
		1
	);
});
