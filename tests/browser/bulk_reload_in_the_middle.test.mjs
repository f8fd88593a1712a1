// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// The page is loaded again while the job is in the middle, where Pause holds it: a pill shows it at once and
// opens its dialog, in which Resume brings it to the end.
scenario(
	"reload in the middle of a bulk: the page finds the job again",
	async ({ seed, tool, page }) => {
		const deposit = await bulk.bulk_deposit(seed, "Bulk Reload", { batch_size: 2 });
		const held = bulk.hold_in_the_middle(page, seed);
		await tool.open(deposit.bank_account);
		await bulk.start_bulk(tool, deposit);
		const job_id = await held;
		await page.reload({ waitUntil: "domcontentloaded" });

		await tool.pills.waitFor();
		assert.match(
			await tool.pills.innerText(),
			new RegExp(`${deposit.line.name} · [1-9]\\d?%`)
		);
		await tool.pills.click();
		await tool.progress.locator(".modal-title", { hasText: job_id }).waitFor();
		await tool.progress.locator("[data-action=resume]").click();
		await bulk.ended(tool.progress);
		assert.equal(await tool.progress.locator(".abr-percentage").innerText(), "100%");
		await tool.rows(deposit.line.reference_number).waitFor({ state: "hidden" });
		assert.equal(await tool.pills.count(), 0);
		await bulk.assert_settled(seed, deposit);
	}
);
