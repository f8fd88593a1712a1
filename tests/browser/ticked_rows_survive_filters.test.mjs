// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// P56, P57: an invoice of one customer is ticked, then the search shows another customer only. The first stays
// ticked, in sight and counted, and both are paid.
scenario(
	"P56, P57: ticked rows survive filters and are submitted",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Survive");
		const [one, two, three] = [seed.unique("Uno"), seed.unique("Dos"), seed.unique("Tres")];
		const [first] = await seed.invoices(one, [70]);
		const [second] = await seed.invoices(two, [50]);
		const [third] = await seed.invoices(three, [25]);
		const line = await seed.deposit(bank_account, 145, {
			reference_number: "SURVIVE-1",
		});
		await tool.open(bank_account);
		await tool.open_line("SURVIVE-1");
		const chips = async () => {
			const texts = await tool.dialog.locator(".abr-chip").allInnerTexts();
			return texts.map((text) => text.replace("×", "").trim()).sort();
		};

		await tool.search(one);
		await tool.tick(first.name);
		await tool.search(two);
		assert.equal(await tool.candidate(first.name).count(), 0);
		assert.deepEqual(await chips(), [first.name]);
		await tool.tick(second.name);
		await tool.search(three);
		await tool.tick(third.name);
		await page.getByText("3 selected").waitFor();
		await tool.dialog
			.locator(`.abr-chip`, { hasText: third.name })
			.locator("[data-action=untick]")
			.click();
		await page.getByText("2 selected").waitFor();
		await tool.check("unpaid_sales_invoice", false);
		assert.equal(await tool.candidates.count(), 0);
		assert.deepEqual(await chips(), [first.name, second.name].sort());
		assert.match(await tool.totals, /Will be allocated: \$ 120\.00 · Remains: \$ 25\.00/);
		await tool.submit();
		await tool.toast(`${line.name} is matched.`);

		assert.deepEqual(await seed.outstanding([first, second, third]), [0, 0, 25]);
		assert.equal((await seed.line(line.name)).unallocated_amount, 25);
		await tool.rows("SURVIVE-1").filter({ hasText: "$ 25.00" }).waitFor();
	}
);

// The other filters of the dialog: exact amount, party, and a withdrawal's own document types.
scenario("filter candidates by exact amount and by party", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Narrow");
	const [one, two] = [seed.unique("Exact"), seed.unique("Other")];
	const [fits, larger] = [
		...(await seed.invoices(one, [61.5])),
		...(await seed.invoices(one, [90])),
	];
	const [others] = await seed.invoices(two, [61.5]);
	await seed.deposit(bank_account, 61.5, { reference_number: "EXACT-1" });
	await tool.open(bank_account);
	await tool.open_line("EXACT-1");
	const names = async () => {
		await tool.settled();
		return (await tool.candidates.locator("a").allInnerTexts())
			.map((text) => text.trim())
			.sort();
	};

	await tool.pick("party_type", "Customer");
	await tool.pick("party", one);
	assert.deepEqual(await names(), [fits.name, larger.name].sort());
	await tool.dialog.getByText("More filters").click();
	await tool.check("exact_amount", true);
	assert.deepEqual(await names(), [fits.name]);
	await tool.input("party").fill("");
	await tool.dialog.locator(".modal-title").click();
	await tool.settled();
	await tool.search(two);
	assert.deepEqual(await names(), [others.name]);
	assert.match(await tool.candidate(others.name).innerText(), /amount/i, "the reason is shown");
});
