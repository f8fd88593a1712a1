// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// The page is loaded again while the job runs: a pill shows it at once, and opens its dialog, which goes on
// to the end.
scenario(
	"reload in the middle of a bulk: the page finds the job again",
	async ({ seed, tool, page }) => {
		const deposit = await bulk.bulk_deposit(seed, "Bulk Reload");
		await tool.open(deposit.bank_account);
		await bulk.start_bulk(tool, deposit);
		await page
			.locator('.abr-progress-dialog .progress-bar[aria-valuenow]:not([aria-valuenow="0"])')
			.waitFor();
		await page.reload({ waitUntil: "domcontentloaded" });

		await tool.pills.waitFor();
		assert.match(await tool.pills.innerText(), new RegExp(`${deposit.line.name}.*%`));
		await tool.pills.click();
		await bulk.ended(tool.progress);
		assert.equal(await tool.progress.locator(".abr-percentage").innerText(), "100%");
		await tool.rows(deposit.line.reference_number).waitFor({ state: "hidden" });
		assert.equal(await tool.pills.count(), 0);
		await bulk.assert_settled(seed, deposit);
	}
);
