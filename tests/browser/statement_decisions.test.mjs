// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";
import { Import, booked, text_file, the_record } from "./lib/statement.mjs";

const day = (index) => `2026-01-${String((index % 28) + 1).padStart(2, "0")}`;

// A file of so many lines, of which the books have the first `known` from a bank feed, with other texts.
async function file_and_feed(seed, bank_account, count, known) {
	const rows = Array.from(
		{ length: count },
		(_value, index) => `${day(index)},Sale ${index + 1},REF-${index + 1},${index + 1}.25`
	);
	for (let index = 0; index < known; index += 1)
		await seed.make("make_bank_transaction", {
			bank_account,
			date: day(index),
			deposit: index + 1.25,
			description: `Feed ${index + 1}`,
			reference_number: "",
		});
	return text_file("decisions.csv", [
		"Date,Description,Reference,Amount",
		...rows,
		"2026-01-31,Rent,R-1,-10.00",
	]);
}

const in_the_check = (importing, selector) => importing.pane("check").locator(selector);

// Each possible duplicate shows the Bank Transaction that it may be, and all of them are decided at once.
scenario("possible duplicates are compared and decided at once", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Import Possible");
	await tool.open(bank_account);
	const importing = new Import(tool);
	await importing.open();
	await importing.upload(await file_and_feed(seed, bank_account, 3, 2));
	await importing.press("Continue");
	assert.deepEqual(await importing.outcomes(), { All: 4, New: 2, "Possible Duplicate": 2 });
	const resembled = importing.line("Sale 2").locator(".abr-resembled");
	assert.match(await resembled.innerText(), /In the books:.*2\.25.*Feed 2/s);
	const [, feed] = await booked(seed, bank_account);
	assert.match(
		await resembled.locator("a").getAttribute("href"),
		new RegExp(`/${feed.name}$`),
		"it can be opened"
	);
	await importing.primary.getByText("Import 2 Lines").waitFor();
	await in_the_check(importing, "[data-action=import-possible]").click();
	await importing.primary.getByText("Import 4 Lines").waitFor();
	await in_the_check(importing, "[data-action=skip-possible]").click();
	await importing.primary.getByText("Import 2 Lines").waitFor();
	await importing.press("Import 2 Lines");
	await importing.ended();
	await importing.close();
	assert.equal((await booked(seed, bank_account)).length, 4);

	await importing.open();
	await importing.upload(await file_and_feed(seed, bank_account, 3, 0));
	await importing.press("Continue");
	const line = importing.line("Sale 3");
	assert.match(await line.innerText(), /Duplicate\s+of ACC-BTN/);
	await importing.close();
});

// A tick far down leaves the user there, with as many lines as before; a page that comes late does not
// replace what was decided meanwhile.
scenario("a tick keeps the lines and the place", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Import Place");
	await tool.open(bank_account);
	const importing = new Import(tool);
	await importing.open();
	await importing.upload(await file_and_feed(seed, bank_account, 129, 0));
	await importing.press("Continue");
	const lines = in_the_check(importing, "tbody tr");
	await in_the_check(importing, "[data-action=more]").click();
	await in_the_check(importing, "[data-action=more]").getByText("30 left").waitFor();
	assert.equal(await lines.count(), 100);
	const tick = () => importing.line("Sale 95").locator("input");
	await tick().scrollIntoViewIfNeeded();
	const place = () => in_the_check(importing, ".abr-scroll").evaluate((box) => box.scrollTop);
	const before = await place();
	assert.ok(before > 500, `scrolled to ${before}`);
	await tick().click();
	await importing.primary.getByText("Import 129 Lines").waitFor();
	await tool.settled();
	assert.equal(await lines.count(), 100);
	assert.equal(await tick().isChecked(), false);
	assert.equal(await place(), before);
	assert.equal(await tick().evaluate((box) => box === document.activeElement), true);

	let release, answered;
	const held = new Promise((resolve) => (release = resolve));
	const late_answer = new Promise((resolve) => (answered = resolve));
	await page.route("**/*get_import_lines*", async (route) => {
		const late = (route.request().postData() || route.request().url()).includes("New");
		const response = await route.fetch();
		if (late) await held;
		await route.fulfill({ response });
		if (late) answered();
	});
	await in_the_check(importing, '[data-outcome="New"]').click();
	await in_the_check(importing, '[data-outcome=""]').click();
	await in_the_check(importing, "[data-action=more]").getByText("80 left").waitFor();
	assert.equal(await place(), 0, "other lines are shown from the first on");
	await tick_row(importing, "Sale 1", false);
	await importing.primary.getByText("Import 128 Lines").waitFor();
	release();
	await late_answer;
	await tool.settled();
	assert.equal(
		await importing.line("REF-1").first().locator("input").isChecked(),
		false,
		"the late page has the line as it was"
	);
	await importing.close();
});

const tick_row = (importing, text, checked) =>
	importing
		.line(text)
		.first()
		.locator("input")
		.evaluate((box, wanted) => box.checked !== wanted && box.click(), checked);

// Lines that cannot be imported are skipped, one and then the rest: the import is complete, and they can be
// had as a file.
scenario("problem lines are skipped, and the import is complete", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Import Skip");
	await tool.open(bank_account);
	const importing = new Import(tool);
	await importing.open();
	await importing.upload(
		text_file("problems.csv", [
			"Date,Description,Reference,Amount",
			"2026-01-05,Transfer,INV-17,1250.00",
			"2026-01-06,Card authorisation,C-1,n/a",
			"2026-01-07,Information,I-1,see letter",
			"2026-13-08,Broken,B-1,12.00",
			"2026-01-08,Rent,R-1,-980.00",
		])
	);
	await importing.press("Continue");
	assert.deepEqual(await importing.outcomes(), { All: 5, New: 2, Bad: 3 });
	await importing.line("Card authorisation").locator("[data-action=skip]").click();
	await importing.line("Card authorisation").getByText("skipped").waitFor();
	await in_the_check(importing, ".abr-at-once").getByText("2 lines cannot").waitFor();
	await importing.press("Import 2 Lines");
	await importing.ended();
	assert.equal((await the_record(seed, bank_account)).status, "Partially Completed");
	await importing.close();

	const { name } = await the_record(seed, bank_account);
	await page.goto(`/app/bank-statement-import-record/${name}`, {
		waitUntil: "domcontentloaded",
	});
	await page.locator(".form-page .abr-lines tbody tr").first().waitFor();
	const file = page.context().waitForEvent("page");
	const download = file.then((opened) => opened.waitForEvent("download"));
	await page
		.locator(".page-head")
		.getByRole("button", { name: "Download Problem Lines", exact: true })
		.click();
	assert.equal((await download).suggestedFilename(), `${name}_problem_lines.csv`);
	await page.locator(".form-page [data-action=skip-problems]").click();
	await page.locator(".form-page [data-action=skip]").first().waitFor({ state: "detached" });
	assert.equal(await page.locator(".form-page .abr-lines").getByText("skipped").count(), 3);
	assert.equal((await the_record(seed, bank_account)).status, "Completed");
});
