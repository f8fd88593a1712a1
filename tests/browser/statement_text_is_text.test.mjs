// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const evil = (field) =>
	`<img src=x onerror="window.__xss='${field}'"><script>window.__xss='${field}'</script>$&{{7*7}} ${field}`;

async function assert_harmless(page) {
	assert.equal(await page.evaluate(() => window.__xss), undefined, "no script of the bank ran");
	assert.equal(await page.locator('img[src="x"]').count(), 0, "no element of the bank was made");
}

// The bank writes HTML and a script into every field it may. It is text in the table, the dialog, the message,
// the toast and the chart.
scenario("statement text with HTML in every field shows as text", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Evil");
	const customer = seed.unique("Evil");
	const payment = await seed.payment(bank_account, customer, 45, {
		reference_no: evil("reference_no").slice(0, 140),
	});
	const line = await seed.deposit(bank_account, 45);
	const written = {
		description: evil("description"),
		reference_number: evil("reference"),
		bank_party_name: evil("party"),
	};
	await seed.call("set_value", {
		doctype: "Bank Transaction",
		name: line.name,
		values: written,
	});
	await tool.open(bank_account);

	const row = await tool.rows().innerText();
	assert.match(row, /<img src=x/);
	await assert_harmless(page);
	await tool.rows().locator(".dt-cell__content").nth(2).hover();
	await page.locator(".abr-search").fill("<img");
	await tool.settled();
	assert.equal(await tool.rows().count(), 1, "and can be searched for");
	await page.locator(".abr-chart svg").hover();
	await assert_harmless(page);

	await tool.open_line("<img");
	const summary = await tool.dialog.locator(".abr-summary").innerText();
	for (const text of Object.values(written)) {
		assert.ok(summary.includes(text), `${summary}\nhas not\n${text}`);
	}
	// Frappe itself tidies the HTML of a document that it saves; what is left of it is text, too.
	assert.match(await tool.candidate(payment.name).innerText(), /<img src="?x/);
	await tool.dialog_tab("update");
	assert.equal(await tool.input("reference_number").inputValue(), written.reference_number);
	await tool.dialog_tab("create");
	await tool.settled();
	await assert_harmless(page);
	await tool.dialog_tab("match");
	await tool.tick(payment.name);
	await tool.submit();
	await tool.toast(`${line.name} is matched.`);
	await assert_harmless(page);

	await tool.show_tab("done");
	await tool.rows(payment.name).waitFor();
	assert.match(await tool.rows(payment.name).innerText(), /<img src=x/);
	await assert_harmless(page);
});

// The server repeats what it cannot find: that, too, is text.
scenario(
	"a server's message about such text is text",
	async ({ seed, tool, page, expect_problem }) => {
		expect_problem(/./);
		const bank_account = await seed.bank_account("Evil Message");
		const line = await seed.deposit(bank_account, 45, {
			reference_number: "MESSAGE-1",
		});
		await tool.open(bank_account);
		await tool.intercept("update_bank_transaction", (route) => {
			const body = new URLSearchParams(route.request().postData());
			body.set("bank_transaction_name", evil("name"));
			return route.continue({ postData: body.toString() });
		});
		await tool.open_line("MESSAGE-1");
		await tool.dialog_tab("update");
		await tool.submit();
		await tool.read_message(/<img src=x/);
		await assert_harmless(page);
		assert.equal((await seed.line(line.name)).reference_number, "MESSAGE-1");
	}
);
