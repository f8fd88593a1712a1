// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";
import { FORM } from "./lib/tool.mjs";

// The form opened for the first time says what to do; an account chosen in it fills the period with the month
// of its oldest open line, and the address with both.
scenario(
	"the empty form says what to do, and fills itself from the account",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("First Use");
		await seed.deposit(bank_account, 40, { reference_number: "FIRST-1" });

		await page.goto(FORM, { waitUntil: "domcontentloaded" });
		await page.getByText("Choose a bank account to see its open transactions.").waitFor();
		assert.equal(await page.locator(".abr-card:visible").count(), 0);
		assert.equal(await page.locator(".abr-tables:visible").count(), 0);

		const form = page.locator(".form-page:visible");
		await tool.pick(
			"company",
			await seed.value("Bank Account", bank_account, "company"),
			form
		);
		await tool.pick("bank_account", bank_account, form);
		await tool.rows("FIRST-1").waitFor();
		assert.equal(await page.locator(".abr-empty:visible").count(), 0);
		const address = new URL(page.url()).searchParams;
		assert.equal(address.get("bank_account"), bank_account);
		assert.equal(address.get("bank_statement_from_date"), "2026-03-01");
		assert.equal(address.get("bank_statement_to_date"), "2026-03-31");
	}
);

scenario("the account used last is there again the next time", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Last Used");
	await seed.deposit(bank_account, 40, { reference_number: "LAST-1" });
	await tool.open(bank_account);
	await tool.rows("LAST-1").waitFor();
	await page.goto(FORM, { waitUntil: "domcontentloaded" });
	await tool.rows("LAST-1").waitFor();
	assert.equal(await tool.field("bank_account").inputValue(), bank_account);
});

scenario("a period without lines says so on both tabs", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("No Lines");
	await tool.open(bank_account);
	await page.getByText("Nothing is open in this period.").waitFor();
	assert.equal(await tool.count("open"), "0");
	await tool.show_tab("done");
	await page.getByText("Nothing is reconciled in this period yet.").waitFor();
});

// A credit card whose ledger account is not of type Bank (P30).
scenario("what gets in the way of an account is said", async ({ seed, tool, page }) => {
	const bank_account = await seed.make("make_card_account");
	await tool.open(bank_account);
	await page.getByText("is of type none, not Bank").waitFor();
});
