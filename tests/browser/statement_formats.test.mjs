// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";
import { Import, RECORD, altered, booked, corpus } from "./lib/statement.mjs";

// Typed dates and numbers, a title and an account above the table: the columns are proposed and right.
scenario(
	"an Excel statement: the columns are shown and right as they are",
	async ({ seed, tool }) => {
		const bank_account = await seed.bank_account("Import XLSX");
		await tool.open(bank_account);
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(corpus("xlsx_es_santander.xlsx"));
		await importing.step_is("columns");
		const lines = await importing.parsed();
		assert.deepEqual(
			lines.map((cells) => [cells[0], cells[2], cells[3], cells[7]]),
			[
				["6", "$ 750.10", "", "$ 1,250.40"],
				["7", "", "$ 49.80", "$ 500.30"],
			]
		);
		await importing.press("Continue");
		await importing.pane("check").locator('.abr-proof[data-proven="true"]').waitFor();
		await importing.press("Import 2 Lines");
		await importing.ended();
		await importing.close();
		assert.deepEqual(
			(await booked(seed, bank_account)).map(({ date, deposit, withdrawal }) => [
				date,
				deposit,
				withdrawal,
			]),
			[
				["2026-01-12", 0, 49.8],
				["2026-01-30", 750.1, 0],
			]
		);
	}
);

// A format that names its fields has no columns to choose: the check comes at once.
scenario(
	"a CAMT statement goes to the check without a step for columns",
	async ({ seed, tool }) => {
		const bank_account = await seed.bank_account("Import CAMT");
		await tool.open(bank_account);
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(altered("camt053_v02_de_sparkasse.xml", [["EUR", "USD"]]));
		await importing.step_is("check");
		assert.equal(await importing.dialog.locator(".abr-steps [data-step]").count(), 3);
		assert.match(
			await importing.pane("check").locator(".abr-figures").innerText(),
			/1,000\.00[\s\S]*2,190\.75/
		);
		await importing.pane("check").locator('.abr-proof[data-proven="true"]').waitFor();
		await importing.press("Import 2 Lines");
		await importing.ended();
		const record = importing.pane("import").locator("tbody a").first();
		assert.match(await record.getAttribute("href"), /bank-transaction/);
		await importing.press("Show in the Tool");
		await tool.count_becomes("open", 2);
		const [deposit] = await booked(seed, bank_account);
		assert.equal(deposit.bank_party_name, "Holzbau Probst GmbH");
		assert.equal(await tool.rows("Holzbau Probst GmbH").count(), 1);
	}
);

// Lines in another currency are never booked as if they were the account's.
scenario(
	"a statement in another currency is warned about, and nothing of it is imported",
	async ({ seed, tool }) => {
		const bank_account = await seed.bank_account("Import Euro");
		await tool.open(bank_account);
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(corpus("camt053_v02_de_sparkasse.xml"));
		await importing.step_is("check");
		await importing.dialog.locator(".abr-warning", { hasText: "EUR" }).waitFor();
		assert.deepEqual(await importing.outcomes(), { All: 2, New: 0, Bad: 2 });
		assert.ok(await importing.primary.isDisabled());
		await importing.close();
		assert.deepEqual(await booked(seed, bank_account), []);
	}
);

// The first line after which the file's balance is not what it must be is named, and where to look.
scenario(
	"a balance that does not add up is shown with the first break",
	async ({ seed, tool }) => {
		const bank_account = await seed.bank_account("Import Break");
		await tool.open(bank_account);
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(corpus("csv_running_balance_break.csv"));
		await importing.step_is("columns");
		await importing.press("Continue");
		const proof = importing.pane("check").locator('.abr-proof[data-proven="false"]');
		await proof.waitFor();
		assert.match(await proof.innerText(), /Expected[\s\S]*In the file[\s\S]*Difference/);
		await importing.close();
	}
);

// What is no statement is refused in words, and another file can be chosen at once.
scenario(
	"a file that is no statement is refused, and another is taken",
	async ({ seed, tool, expect_problem }) => {
		expect_problem(/./);
		const bank_account = await seed.bank_account("Import Wrong File");
		await tool.open(bank_account);
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(corpus("unknown_pdf.pdf"));
		await tool.read_message(/PDF/);
		await importing.step_is("file");
		await importing.upload(altered("camt053_v02_de_sparkasse.xml", [["EUR", "USD"]]));
		await importing.step_is("check");

		// It was the wrong one: thrown away, with its record, and the next one can be chosen.
		await importing.dialog.locator("[data-action=discard]").click();
		await tool.page.getByText("Nothing of it is booked yet.").waitFor();
		await tool.confirm();
		await importing.step_is("file");
		await importing.dialog.locator("input[type=file]").waitFor({ state: "attached" });
		const records = await seed.call("rows", {
			doctype: RECORD,
			filters: { bank_account },
			fields: ["name"],
		});
		assert.deepEqual(records, []);
		await importing.close();
	}
);
