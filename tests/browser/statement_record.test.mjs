// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";
import { Import, RECORD, booked, text_file, the_record } from "./lib/statement.mjs";

const ROWS = [
	"Date,Description,Reference,Amount,Balance",
	"2026-01-05,Transfer,INV-17,1250.00,2250.00",
	"2026-01-06,Card payment,C-1,-39.90,2210.10",
	"2026-01-08,Rent,R-1,-980.00,1230.10",
];

const address = (name) => `/app/bank-statement-import-record/${name}`;

async function open_record(page, name) {
	await page.goto(address(name), { waitUntil: "domcontentloaded" });
	await page.locator(".form-page .abr-lines tbody tr").first().waitFor();
}

const button = (page, name) =>
	page.locator(".page-head").getByRole("button", { name, exact: true });

// The record shows what the dialog has shown. Reverting asks in numbers; what is reconciled stays.
scenario(
	"an import is reverted from its record, but for what is reconciled",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Import Revert");
		await tool.open(bank_account);
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(text_file("revert.csv", ROWS));
		await importing.press("Continue");
		await importing.press("Import 3 Lines");
		await importing.ended();
		await importing.close();
		const [deposit] = await booked(seed, bank_account);
		const payment = await seed.payment(bank_account, seed.unique("Import Revert"), 1250);
		await seed.call("reconcile", {
			bank_transaction: deposit.name,
			vouchers: [["Payment Entry", payment.name]],
		});

		const { name } = await the_record(seed, bank_account);
		await open_record(page, name);
		await page.locator(".form-page .indicator", { hasText: "Imported: 3" }).waitFor();
		await page.locator('.form-page .abr-proof[data-proven="true"]').waitFor();
		assert.equal(
			await page.locator(".form-page .abr-lines tbody a").count(),
			3,
			"links to the Bank Transactions"
		);
		await button(page, "Revert the Import").click();
		await page.getByText("Cancel the 3 Bank Transactions of this import?").waitFor();
		await tool.confirm();
		await page.locator(".form-page .indicator", { hasText: "Reverted: 2" }).waitFor();
		assert.equal(await seed.value(RECORD, name, "status"), "Partially Reverted");
		assert.deepEqual(
			(await booked(seed, bank_account)).map((line) => line.name),
			[deposit.name],
			"only what is reconciled is left"
		);

		// What was taken back can be imported again.
		await tool.open(bank_account);
		await importing.open();
		await importing.upload(text_file("revert_again.csv", ROWS));
		await importing.press("Continue");
		assert.deepEqual(await importing.outcomes(), { All: 3, New: 2, Duplicate: 1 });
		await importing.close();
	}
);

// A draft goes on from its record, and from the form of the older app's name. The list shows the states.
scenario(
	"a draft goes on from its record, the list and the importer's form",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Import Draft");
		await page.goto("/app/bank-statement-importer", { waitUntil: "domcontentloaded" });
		await button(page, "Upload Bank Statement").waitFor();
		await button(page, "Upload Bank Statement").click();
		await tool.toast("Choose a bank account first.");
		await tool.pick("company", "ABR Test Company", page.locator(".form-page:visible"));
		await tool.settled();
		await tool.pick("bank_account", bank_account, page.locator(".form-page:visible"));
		await tool.settled();
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(text_file("draft.csv", ROWS));
		await importing.step_is("columns");
		await importing.close();
		await page.locator(".abr-unfinished", { hasText: "draft" }).waitFor();

		const { name, status } = await the_record(seed, bank_account);
		assert.equal(status, "Draft");
		await page.goto(
			`/app/bank-statement-import-record?bank_account=${encodeURIComponent(bank_account)}`,
			{
				waitUntil: "domcontentloaded",
			}
		);
		const row = page.locator(".list-row", { hasText: "draft" });
		await row.locator(".indicator-pill", { hasText: "Draft" }).first().waitFor();
		await open_record(page, name);
		await button(page, "Continue").click();
		await importing.step_is("columns");
		await importing.press("Continue");
		await importing.press("Import 3 Lines");
		await importing.ended();
		await importing.press("Close");
		await page.locator(".form-page .indicator", { hasText: "Imported: 3" }).waitFor();
		assert.equal((await booked(seed, bank_account)).length, 3);
		assert.equal(await button(page, "Continue").count(), 0);
	}
);
