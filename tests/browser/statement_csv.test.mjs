// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";
import { Import, booked, text_file } from "./lib/statement.mjs";

const JANUARY = {
	bank_statement_from_date: "2026-01-01",
	bank_statement_to_date: "2026-01-31",
};

// No day is above 12, so that day and month could be exchanged; "Mark of our own" is nothing that is known.
const ROWS = [
	"Statement of account;;;;",
	"Date;Text;Mark of our own;Amount;Balance",
	"05/01/2026;Transfer ANDERS OPTICS;INV-17;1.250,00;2.250,00",
	"06/01/2026;Card payment;00042;-39,90;2.210,10",
	"06/01/2026;Card payment;00042;-39,90;2.170,20",
	"08/01/2026;Rent;R-1;-980,00;1.190,20",
];

function account_in_new_bank(seed, text) {
	return seed.call("bank_account_in", {
		bank: seed.unique(`${text} Bank`),
		title: seed.unique(`ABR ${text}`),
	});
}

// What the file leaves open is asked, a column is named by hand and all of it is remembered; the lines are
// counted, booked and shown in the tool, with the period and the closing balance of the statement.
scenario(
	"a CSV is asked about, mapped, imported and shown in the tool",
	async ({ seed, tool, page }) => {
		const bank_account = await account_in_new_bank(seed, "Import CSV");
		await tool.open(bank_account);
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(text_file("january.csv", ROWS));
		await importing.step_is("columns");

		const question = importing.question("date_order");
		await question.waitFor();
		assert.match(await question.innerText(), /05\/01\/2026/, "with an example from the file");
		assert.equal(
			await question.locator("input:checked").count(),
			0,
			"nothing is chosen beforehand"
		);
		assert.ok(await importing.primary.isDisabled(), "one cannot go on without an answer");
		await importing.answer("date_order", "DMY");
		await question.waitFor({ state: "hidden" });

		assert.deepEqual(await importing.roles(), {
			0: "date",
			1: "description",
			3: "amount",
			4: "balance",
		});
		await importing.role(2, "reference");
		const [first, second] = await importing.parsed();
		assert.deepEqual(first.slice(2), [
			"$ 1,250.00",
			"",
			"Transfer ANDERS OPTICS",
			"INV-17",
			"",
			"$ 2,250.00",
		]);
		assert.deepEqual(second.slice(3), ["$ 39.90", "Card payment", "00042", "", "$ 2,210.10"]);
		await importing.dialog.locator("[data-action=remember]").click();
		await tool.toast("The columns are saved for");

		await importing.press("Continue");
		await importing.step_is("check");
		assert.deepEqual(await importing.outcomes(), { All: 4, New: 4 });
		await importing.pane("check").locator('.abr-proof[data-proven="true"]').waitFor();
		assert.match(
			await importing.pane("check").locator(".abr-figures").innerText(),
			/Opening Balance\s+\$ 1,000\.00[\s\S]*Closing Balance\s+\$ 1,190\.20/
		);
		assert.deepEqual(await booked(seed, bank_account), [], "nothing is booked before");
		await importing.press("Import 4 Lines");
		await importing.step_is("import");
		await importing.ended();
		assert.deepEqual(await importing.outcomes("import"), { All: 4, New: 0, Imported: 4 });
		await importing.press("Show in the Tool");
		await importing.dialog.waitFor({ state: "hidden" });
		await tool.count_becomes("open", 4);

		assert.equal(await tool.rows("Card payment").count(), 2, "two equal purchases stay two");
		const { searchParams } = new URL(page.url());
		assert.equal(searchParams.get("bank_statement_from_date"), "2026-01-05");
		assert.equal(searchParams.get("bank_statement_to_date"), "2026-01-08");
		assert.match(await tool.card("statement").innerText(), /1,190\.20/);
		const lines = await booked(seed, bank_account);
		assert.deepEqual(
			lines.map(({ date, deposit, withdrawal, reference_number }) => [
				date,
				deposit,
				withdrawal,
				reference_number,
			]),
			[
				["2026-01-05", 1250, 0, "INV-17"],
				["2026-01-06", 0, 39.9, "00042"],
				["2026-01-06", 0, 39.9, "00042"],
				["2026-01-08", 0, 980, "R-1"],
			]
		);
	}
);

// The next file of the same bank is read by what was remembered: nothing is asked. It overlaps the first one:
// what is known is counted as such, and only the rest is booked.
scenario(
	"the next CSV of the bank is read the same way and adds only what is new",
	async ({ seed, tool }) => {
		const bank_account = await account_in_new_bank(seed, "Import Overlap");
		await tool.open(bank_account, JANUARY);
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(text_file("january.csv", ROWS));
		await importing.answer("date_order", "DMY");
		await importing.role(2, "reference");
		await importing.dialog.locator("[data-action=remember]").click();
		await tool.toast("The columns are saved for");
		await importing.press("Continue");
		await importing.press("Import 4 Lines");
		await importing.ended();
		await importing.close();

		await importing.open();
		const more = [
			...ROWS.slice(0, 2),
			...ROWS.slice(4),
			"09/01/2026;Refund;R-2;20,00;1.210,20",
		];
		await importing.upload(text_file("february.csv", more));
		await importing.step_is("check");
		assert.equal(await importing.dialog.locator(".abr-question").count(), 0);
		assert.deepEqual(await importing.outcomes(), { All: 3, New: 1, Duplicate: 2 });
		assert.match(await importing.pane("check").innerText(), /imported before/);
		await importing.show_outcome("Duplicate");
		assert.equal(
			await importing.line("Rent").locator("[data-action=decide]").isChecked(),
			false
		);
		await importing.press("Import 1 Line");
		await importing.ended();
		await importing.close();
		await tool.rows("Refund").waitFor();
		const lines = await booked(seed, bank_account);
		assert.equal(lines.length, 5);

		// The user knows better: a duplicate is imported all the same.
		await importing.open();
		await importing.upload(text_file("january.csv", ROWS));
		await importing.step_is("check");
		assert.deepEqual(await importing.outcomes(), { All: 4, New: 0, Duplicate: 4 });
		assert.match(await importing.primary.innerText(), /Complete the Import/);
		await importing.line("Rent").locator("[data-action=decide]").check();
		await importing.press("Import 1 Line");
		await importing.ended();
		await importing.close();
		await tool.settled();
		assert.equal((await booked(seed, bank_account)).length, 6);
	}
);

// Columns that the bank has changed since: that is said, nothing is read by the wrong ones.
scenario(
	"a saved mapping that no longer fits is named, and the dialog loses nothing",
	async ({ seed, tool }) => {
		const bank_account = await account_in_new_bank(seed, "Import Stale");
		await tool.open(bank_account, JANUARY);
		const importing = new Import(tool);
		await importing.open();
		await importing.upload(text_file("stale_january.csv", ROWS));
		await importing.answer("date_order", "DMY");
		await importing.dialog.locator("[data-action=remember]").click();
		await tool.toast("The columns are saved for");
		await importing.close();
		const unfinished = (file) => tool.page.locator(".abr-unfinished", { hasText: file });
		await unfinished("stale_january").waitFor();

		await importing.open();
		const others = [
			"Posted;Reason;Deposit;Withdrawal",
			"15.01.2026;Sale;10,00;",
			"16.01.2026;Fee;;1,50",
		];
		await importing.upload(text_file("new_layout.csv", others));
		await importing.step_is("columns");
		await importing.dialog.locator(".abr-stale", { hasText: /\w/ }).waitFor();
		await importing.close();
		assert.deepEqual(await booked(seed, bank_account), []);

		await unfinished("new_layout").waitFor();
		await unfinished("stale_january").getByRole("button", { name: "Continue" }).click();
		await importing.step_is("columns");
		await importing.press("Continue");
		assert.deepEqual(await importing.outcomes(), { All: 4, New: 4 });
		await importing.close();
	}
);

// A file of which nothing is known but its rows: the columns are asked for, and each choice is tried at once.
// What is missing is said, and nothing is sent.
scenario("every choice about the columns shows in the lines at once", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Import Choices");
	await tool.open(bank_account, JANUARY);
	const importing = new Import(tool);
	await importing.open();
	await importing.upload(
		text_file("card.csv", [
			"Date,Details,Out,In,Charge",
			"01/15/2026,Shop,12.50,,12.50",
			"01/20/2026,Refund,,2.00,-2.00",
		])
	);
	await importing.question("column:date").waitFor();
	await importing.question("column:amount").waitFor();
	await importing.option("header_row", "1");
	const missing = importing.dialog.locator(".abr-missing");
	assert.match(await missing.innerText(), /the date\.\s+.*the amount\./);
	await importing.role(0, "date");
	await importing.role(2, "debit");
	await importing.role(3, "credit");
	await importing.question("column:date").waitFor({ state: "hidden" });
	const shown = async () => (await importing.parsed()).map((cells) => cells.slice(2, 4));
	assert.deepEqual(await shown(), [
		["", "$ 12.50"],
		["$ 2.00", ""],
	]);
	await importing.role(4, "amount");
	const { 0: date, 2: out, 3: into, 4: charge } = await importing.roles();
	assert.deepEqual([date, out, into, charge], ["date", undefined, undefined, "amount"]);
	assert.deepEqual(await shown(), [
		["$ 12.50", ""],
		["", "$ 2.00"],
	]);
	await importing.option("flip", true);
	assert.deepEqual(await shown(), [
		["", "$ 12.50"],
		["$ 2.00", ""],
	]);
	await importing.option("decimal_mark", ",");
	assert.match((await importing.parsed()).join(" "), /12\.50/, "says what cannot be read by it");
	await importing.option("decimal_mark", ".");
	await importing.option("flip", false);
	await importing.option("sign", "columns");
	assert.match(await missing.innerText(), /the deposits and the withdrawals/);
	await importing.role(2, "debit");
	await importing.role(3, "credit");
	assert.equal(await missing.innerText(), "");
	await importing.option("header_row", "0");
	assert.equal(await importing.dialog.locator(".abr-header-row").count(), 0);
	await importing.option("header_row", "1");
	assert.match(await importing.dialog.locator(".abr-header-row").innerText(), /Details/);
	await importing.press("Continue");
	assert.deepEqual(await importing.outcomes(), { All: 2, New: 2 });
});
