// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const FROM_15TH = {
	bank_statement_from_date: "2026-03-15",
	bank_statement_to_date: "2026-03-31",
};

// Account, dates and the tab are in the address: a reload shows the same, and so does the link in another browser.
scenario(
	"the state survives a reload and can be shared",
	async ({ seed, tool, page, new_tool }) => {
		const bank_account = await seed.bank_account("Url State");
		await seed.deposit(bank_account, 40, {
			reference_number: "EARLY-1",
			date: "2026-03-05",
		});
		await seed.deposit(bank_account, 60, {
			reference_number: "LATE-1",
			date: "2026-03-25",
		});
		await tool.open(bank_account);
		assert.equal(await tool.count("open"), "2");

		await page.evaluate(
			(date) => cur_frm.set_value("bank_statement_from_date", date),
			"2026-03-15"
		);
		await tool.rows("EARLY-1").waitFor({ state: "hidden" });
		await page.waitForURL(/bank_statement_from_date=2026-03-15/);
		await tool.reload();
		assert.equal(await tool.count("open"), "1");
		await tool.rows("LATE-1").waitFor();
		assert.equal(
			await page.evaluate(() => cur_frm.doc.bank_statement_from_date),
			"2026-03-15"
		);

		await tool.show_tab("done");
		const other = await new_tool();
		await other.page.goto(page.url(), { waitUntil: "domcontentloaded" });
		await other.loaded();
		assert.equal(await other.count("open"), "1");
		assert.match(
			await other.page.locator(".abr-tables .nav-link.active").innerText(),
			/^Reconciled/
		);
		await other.open(bank_account, FROM_15TH);
		assert.equal(await other.count("open"), "1");
	}
);
