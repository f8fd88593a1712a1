// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// Cancelled in the middle: what the job has paid is cancelled again, and the books are as they were.
scenario(
	"cancel a bulk in the middle: everything it made is taken back",
	async ({ seed, tool, page }) => {
		const deposit = await bulk.bulk_deposit(seed, "Bulk Cancel", { batch_size: 2 });
		const held = bulk.hold_in_the_middle(page, seed);
		await tool.open(deposit.bank_account);
		await bulk.start_bulk(tool, deposit);
		await held;
		assert.ok((await seed.outstanding(deposit.invoices)).includes(0), "some are paid by now");
		await tool.progress.locator("[data-action=cancel]").click();
		await page
			.getByText("Every Payment Entry that this job has made will be cancelled")
			.waitFor();
		await page.locator(".modal.show").last().locator(".btn-primary:visible").click();
		await tool.progress
			.locator(".modal-title", { hasText: "Cancelled" })
			.waitFor({ timeout: bulk.MOST_TIME });

		assert.deepEqual(new Set(await seed.outstanding(deposit.invoices)), new Set([10]));
		assert.deepEqual(await seed.call("links", { bank_transaction: deposit.line.name }), []);
		const made = await seed.call("rows", {
			doctype: "Payment Entry",
			filters: { party: deposit.customer },
			fields: ["docstatus"],
		});
		assert.deepEqual(new Set(made.map(({ docstatus }) => docstatus)), new Set([2]));
		await tool.close(tool.progress);
		await tool.rows(deposit.line.reference_number).filter({ hasText: "$ 600.00" }).waitFor();
		assert.equal(await tool.pills.count(), 0);
	}
);
