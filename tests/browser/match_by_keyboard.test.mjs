// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// Two lines, each with a Payment Entry of its amount. No mouse: arrows to the line, Enter opens it, Enter takes
// the best candidate, Enter reconciles; u takes it back.
scenario("match by keyboard only, and undo", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Keyboard");
	const customer = seed.unique("Keyboard");
	await seed.payment(bank_account, customer, 31);
	const payment = await seed.payment(bank_account, customer, 32);
	await seed.deposit(bank_account, 31, {
		reference_number: "KEY-31",
		date: "2026-03-10",
	});
	const line = await seed.deposit(bank_account, 32, {
		reference_number: "KEY-32",
		date: "2026-03-11",
	});
	await tool.open(bank_account);

	await page.keyboard.press("ArrowDown");
	assert.match(
		await page.locator(".abr-pane:visible .dt-row.abr-focused").innerText(),
		/KEY-31/
	);
	await page.keyboard.press("ArrowDown");
	assert.match(
		await page.locator(".abr-pane:visible .dt-row.abr-focused").innerText(),
		/KEY-32/
	);
	await page.keyboard.press("Enter");
	await tool.dialog_ready();
	assert.match(await tool.dialog.locator(".abr-summary").innerText(), /KEY-32/);

	await page.keyboard.press("ArrowDown");
	await page.keyboard.press(" ");
	await page.getByText("1 selected").waitFor();
	await page.keyboard.press(" ");
	await page.getByText("0 selected").waitFor();
	await page.keyboard.press("Enter");
	await page.getByText("1 selected").waitFor();
	assert.deepEqual(await tool.preview(), { [payment.name]: 32 }, "the best candidate is ticked");
	await page.keyboard.press("Enter");
	await tool.toast(`${line.name} is matched.`);
	assert.equal((await seed.line(line.name)).status, "Reconciled");

	await tool.dialog.waitFor({ state: "hidden" });
	await page.keyboard.press("u");
	await tool.rows("KEY-32").waitFor();
	assert.deepEqual(await seed.call("links", { bank_transaction: line.name }), []);
	assert.equal(
		await seed.value("Payment Entry", payment.name, "docstatus"),
		1,
		"existed before, so it stays"
	);
	assert.equal(await seed.value("Payment Entry", payment.name, "clearance_date"), null);
});

scenario(
	"the slash searches, the question mark helps, Escape closes",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Keys");
		await seed.deposit(bank_account, 31, { reference_number: "KEYS-1" });
		await tool.open(bank_account);

		await page.keyboard.press("?");
		await tool.message.getByText("undo the last match").waitFor();
		await tool.settled();
		await page.keyboard.press("Escape");
		await tool.message.waitFor({ state: "hidden" });

		await page.keyboard.press("/");
		await page.keyboard.type("nothing like this?u/");
		await tool.rows("KEYS-1").waitFor({ state: "hidden" });
		assert.equal(
			await page.locator(".abr-search").inputValue(),
			"nothing like this?u/",
			"keys are text there"
		);
		assert.equal(await tool.message.count(), 0);
		await page.locator(".abr-search").fill("");
		await tool.rows("KEYS-1").waitFor();

		await tool.open_line("KEYS-1");
		await page.keyboard.press("/");
		assert.equal(
			await page.evaluate(
				() => document.activeElement.closest("[data-fieldname]")?.dataset.fieldname
			),
			"search"
		);
		await tool.settled();
		await page.keyboard.press("Escape");
		await tool.dialog.waitFor({ state: "hidden" });
	}
);
