// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const PORTION = "10";

// P55: 27 invoices, of which the server gives ten at a time here. Select All takes all 27, not those that are
// on the page, and all 27 are paid.
scenario("P55: select all selects all pages", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("All Pages");
	const customer = seed.unique("All Pages");
	const invoices = await seed.invoices(customer, Array(27).fill(20));
	const line = await seed.deposit(bank_account, 540, {
		reference_number: "ALL-1",
	});
	const asked = tool.requests("get_candidates");
	await tool.intercept("get_candidates", (route) => {
		const body = new URLSearchParams(route.request().postData());
		body.set("page_length", PORTION);
		return route.continue({ postData: body.toString() });
	});

	await tool.open(bank_account);
	await tool.open_line("ALL-1");
	await tool.search(customer);
	await page.getByText("Candidates: the first 10").waitFor();
	await tool.dialog.getByRole("button", { name: "Load more" }).click();
	await page.getByText("Candidates: the first 20").waitFor();
	await tool.dialog.locator("[data-action=all]").click();
	await page.getByText("27 selected").waitFor();
	assert.deepEqual(
		asked.slice(-2).map(({ start }) => start),
		["10", "20"]
	);
	assert.match(await tool.submit_button.innerText(), /Reconcile 27/i);
	await tool.dialog.locator("[data-action=none]").click();
	await page.getByText("0 selected").waitFor();
	await tool.dialog.locator("[data-action=all]").click();
	await tool.submit();
	await tool.toast(`${line.name} is matched.`);

	assert.deepEqual(new Set(await seed.outstanding(invoices)), new Set([0]));
	assert.equal((await seed.call("links", { bank_transaction: line.name })).length, 27);
});

// What is typed is asked for a moment later, so that Select All can come first: it takes the list that is meant.
scenario("select all right after a search takes what is searched for", async (context) => {
	const { seed, tool, page } = context;
	const bank_account = await seed.bank_account("Fast Hands");
	const [wanted, stranger] = [seed.unique("Wanted"), seed.unique("Stranger")];
	await seed.invoices(wanted, [20, 20]);
	await seed.invoices(stranger, [20, 20, 20]);
	await seed.deposit(bank_account, 40, { reference_number: "FAST-1" });

	await tool.open(bank_account);
	await tool.open_line("FAST-1");
	await search_and_select_all(page, wanted);
	await page.getByText("2 selected").waitFor();
	assert.equal(await tool.candidate(stranger).count(), 0);
});

// A list that could not be loaded is not taken for the one that is meant: nothing is ticked, and the next press asks again.
scenario("select all after a search that failed asks again", async (context) => {
	const { seed, tool, page, expect_problem } = context;
	expect_problem(/./); // a refused request ends in an error that nobody catches
	const bank_account = await seed.bank_account("Failed Search");
	const [wanted, stranger] = [seed.unique("Wanted"), seed.unique("Stranger")];
	await seed.invoices(wanted, [20, 20]);
	await seed.invoices(stranger, [20, 20, 20]);
	await seed.deposit(bank_account, 40, { reference_number: "FAIL-1" });
	await tool.open(bank_account);
	await tool.open_line("FAIL-1");
	const message = JSON.stringify({ message: "The list is not to be had." });
	const refusal = { exc_type: "ValidationError", _server_messages: JSON.stringify([message]) };
	let asked = 0;
	await tool.intercept("get_candidates", (route) =>
		asked++ ? route.continue() : route.fulfill({ status: 417, json: refusal })
	);

	await search_and_select_all(page, wanted);
	await tool.read_message(/not to be had/);
	await page.getByText("0 selected").waitFor();
	await tool.dialog.locator("[data-action=all]").click();
	await page.getByText("2 selected").waitFor();
	assert.equal(asked, 2);
});

// Faster than the pause after which a search is asked for.
function search_and_select_all(page, text) {
	return page.evaluate((text) => {
		const input = document.querySelector(".abr-dialog.show [data-fieldname=search] input");
		input.value = text;
		input.dispatchEvent(new Event("input", { bubbles: true }));
		document.querySelector(".abr-dialog.show [data-action=all]").click();
	}, text);
}
