// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";
import { Import, booked, corpus, the_record } from "./lib/statement.mjs";

// The good lines go in, the bad ones are named with row and reason; one is corrected before the import and
// one afterwards.
scenario("bad lines are named, corrected in place and imported", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Import Bad Lines");
	await tool.open(bank_account);
	const importing = new Import(tool);
	await importing.open();
	await importing.upload(corpus("csv_bad_rows.csv"));
	await importing.step_is("columns");
	assert.match((await importing.parsed()).join(" "), /31\.02\.2026 is not a date/);
	await importing.press("Continue");
	const before = await importing.outcomes();
	assert.equal(before.New, 2);
	assert.equal(before.Bad, 5, "the row of amount zero is left out with a note");

	await correct(importing, "check", "31.02.2026", {
		date: "2026-02-28",
		amount: "10.00",
		description: "The day after all",
	});
	await importing.line("The day after all").waitFor();
	assert.deepEqual(await importing.outcomes(), { ...before, New: 3, Bad: 4 });
	await importing.show_outcome("Bad");
	assert.equal(await importing.pane("check").locator("tbody tr").count(), 4);
	await importing.press("Import 3 Lines");
	await importing.ended();
	assert.equal((await booked(seed, bank_account)).length, 3);

	await importing.show_outcome("Bad", "import");
	await correct(importing, "import", "12,3x", {
		date: "2026-01-15",
		amount: "-12.30",
		description: "Read by eye",
	});
	await importing.pane("import").locator(".abr-actions [data-action=retry]").click();
	await importing
		.pane("import")
		.locator('[data-outcome="Imported"] b', { hasText: "4" })
		.waitFor();
	await importing.close();
	const lines = await booked(seed, bank_account);
	assert.deepEqual(
		lines.map(({ date, deposit, withdrawal, description }) => [
			date,
			deposit - withdrawal,
			description,
		]),
		[
			["2026-01-13", 100, "Good one"],
			["2026-01-15", -12.3, "Read by eye"],
			["2026-01-18", -40, "Good two"],
			["2026-02-28", 10, "The day after all"],
		]
	);
	const { status } = await the_record(seed, bank_account);
	assert.equal(status, "Partially Completed", "three lines are still bad");
});

async function correct(importing, step, text, values) {
	await importing.line(text, step).locator("[data-action=correct]").click();
	const dialog = importing.page.locator(".abr-correct-dialog.show");
	await dialog.locator(".abr-raw", { hasText: text }).waitFor();
	for (const [fieldname, value] of Object.entries(values)) {
		const input = dialog.locator(`.input-with-feedback[data-fieldname="${fieldname}"]`);
		await input.fill(
			fieldname === "date" ? await as_user_writes(importing.page, value) : value
		);
		await input.press("Tab");
	}
	await dialog.locator(".modal-footer .btn-primary").click();
	await dialog.waitFor({ state: "hidden" });
}

// The date in the format of the site.
const as_user_writes = (page, date) =>
	page.evaluate((text) => frappe.datetime.str_to_user(text), date);
