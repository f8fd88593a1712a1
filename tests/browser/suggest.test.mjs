// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const at = (day) => ({ posting_date: `2026-03-0${day}`, due_date: `2026-03-1${day}` });

const chips = async (tool) => {
	const texts = await tool.dialog.locator(".abr-chip").allInnerTexts();
	return texts.map((text) => text.replace("×", "").trim()).sort();
};

const names = (documents) => documents.map(({ name }) => name).sort();

const suggest = async (tool) => {
	await tool.dialog.locator("[data-action=suggest]").click();
	await tool.settled();
};

const set_of = (tool, kind) => tool.dialog.locator(`.abr-suggestion[data-kind=${kind}]`);

// Three invoices and a credit note of one customer, whose name the text has; the deposit is the first and the
// third less the credit note. Another invoice was ticked before; the suggestion replaces it and is booked.
scenario(
	"a hidden set of one customer is suggested, ticked and booked",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Suggest");
		const customer = seed.unique("Hidden");
		const [first, second, third, credit_note] = [
			...(await seed.invoices(customer, [210.01], at(1))),
			...(await seed.invoices(customer, [220.03], at(2))),
			...(await seed.invoices(customer, [240.07], at(3))),
			...(await seed.invoices(customer, [-25.02], at(4))),
		];
		const line = await seed.deposit(bank_account, 425.06, {
			reference_number: "SUGGEST-1",
			description: `Transfer by ${customer}`,
		});
		await tool.open(bank_account);
		await tool.open_line("SUGGEST-1");
		await tool.search(customer);
		await tool.tick(second.name);

		await suggest(tool);
		const set = set_of(tool, "one_party");
		const text = await set.innerText();
		assert.match(text, /less credit notes, add up to the amount/);
		assert.match(text, /No other set of them adds up/);
		assert.match(text, /\$ 425\.06/);
		assert.match(text, /Documents: 3/);
		await tool.search("nothing has this name");
		assert.equal(await tool.candidates.count(), 0);
		await set.locator("[data-action=tick-set]").click();
		assert.deepEqual(await chips(tool), names([first, third, credit_note]));
		await page.getByText("3 selected").waitFor();
		assert.match(await tool.totals, /Will be allocated: \$ 425\.06 · Remains: \$ 0\.00/);
		await tool.submit();
		await tool.toast(`${line.name} is matched.`);

		assert.deepEqual(
			await seed.outstanding([first, second, third, credit_note]),
			[0, 220.03, 0, 0]
		);
		assert.equal((await seed.line(line.name)).status, "Reconciled");
	}
);

// Two sets fit: it is said, and the one of fewer documents is offered as well. The text's HTML stays text.
scenario(
	"more than one set is said, and numbers in the text come first",
	async ({ seed, tool }) => {
		const bank_account = await seed.bank_account("Ambiguous");
		const customer = seed.unique("Ambiguous");
		const [first, second, third] = [
			...(await seed.invoices(customer, [1030.01], at(1))),
			...(await seed.invoices(customer, [1020.02], at(2))),
			...(await seed.invoices(customer, [2050.03], at(3))),
		];
		for (const { name } of [first, second, third]) {
			await seed.call("set_value", {
				doctype: "Sales Invoice",
				name,
				values: { customer_name: "<b>Bold</b>" },
			});
		}
		const deposit = (reference_number, values) =>
			seed.deposit(bank_account, 2050.03, { reference_number, ...values });
		await deposit("AMBIGUOUS-1", { party_type: "Customer", party: customer, description: "" });
		await deposit("NAMED-1", { description: `${third.name} <img src=x onerror=alert(1)>` });
		await tool.open(bank_account);

		await tool.open_line("AMBIGUOUS-1");
		await suggest(tool);
		const oldest = set_of(tool, "oldest_first");
		assert.match(await oldest.innerText(), /One other set adds up, too/);
		assert.ok((await oldest.innerText()).includes("<b>Bold</b>"), "the name is text");
		await oldest.locator("[data-action=tick-set]").click();
		assert.deepEqual(await chips(tool), names([first, second]));
		await set_of(tool, "fewest").locator("[data-action=tick-set]").click();
		assert.deepEqual(await chips(tool), names([third]));
		await tool.dialog.locator("[data-action=hide]").click();
		assert.equal(await tool.dialog.locator(".abr-suggestion").count(), 0);
		await tool.close(tool.dialog);

		await tool.open_line("NAMED-1");
		await suggest(tool);
		assert.match(
			await set_of(tool, "named").innerText(),
			/The statement text names the invoice/
		);
		assert.equal(await tool.dialog.locator(".abr-suggestion").count(), 1);
	}
);

// Nothing adds up: that is said in words, with the number of documents. While it is asked, the button waits.
scenario("nothing found is said in words", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Nothing");
	const customer = seed.unique("Nothing");
	await seed.invoices(customer, [10.5, 20.5], at(1));
	await seed.deposit(bank_account, 5.01, {
		reference_number: "NOTHING-1",
		description: "",
	});
	await tool.open(bank_account);
	await tool.open_line("NOTHING-1");
	await tool.pick("party_type", "Customer");
	await tool.pick("party", customer);
	await tool.settled();

	let answer;
	const held = new Promise((resolve) => (answer = resolve));
	await tool.intercept("suggest_invoices*", async (route) => {
		await held;
		await route.continue();
	});
	const button = tool.dialog.locator("[data-action=suggest]");
	await button.click();
	await tool.dialog.getByText("Looking for invoices that add up").waitFor();
	assert.ok(await button.isDisabled());
	answer();
	await tool.dialog
		.getByText("No set of open invoices adds up to $ 5.01; 2 were searched.")
		.waitFor();
	assert.ok(await button.isEnabled());
	assert.equal(await tool.dialog.locator(".abr-suggestion").count(), 0);
	assert.deepEqual(await chips(tool), []);
});
