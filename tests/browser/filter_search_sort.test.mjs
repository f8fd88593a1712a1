// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const REFERENCE = 3;

async function sort(page, column, order) {
	const header = page.locator(`.abr-pane:visible .dt-cell--header-${column}`);
	await header.hover();
	await header.locator(".dt-dropdown__toggle").click();
	await page.locator(".dt-dropdown__list-item:visible", { hasText: order }).click();
}

// Five lines: three deposits of 10, 250 and 4,000, two withdrawals of 75 and 900.
scenario(
	"filter by search, direction and amount; sort by column",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Filter");
		await seed.deposit(bank_account, 10, {
			reference_number: "D-10",
			description: "coffee beans",
		});
		await seed.deposit(bank_account, 250, {
			reference_number: "D-250",
			description: "rent of the garage",
		});
		await seed.deposit(bank_account, 4000, {
			reference_number: "D-4000",
			description: "Rent of the hall",
		});
		await seed.withdrawal(bank_account, 75, {
			reference_number: "W-75",
			description: "paper",
		});
		await seed.withdrawal(bank_account, 900, {
			reference_number: "W-900",
			description: "rent we pay",
		});
		await tool.open(bank_account);
		const shows = async (...references) => {
			await tool.settled();
			assert.deepEqual((await tool.column(REFERENCE)).sort(), references.sort());
			assert.equal(await tool.count("open"), String(references.length));
		};
		await shows("D-10", "D-250", "D-4000", "W-75", "W-900");

		await page.locator(".abr-search").fill("RENT the");
		await shows("D-250", "D-4000");
		await page.locator(".abr-max").fill("1000");
		await shows("D-250");
		await page.locator(".abr-search").fill("");
		await page.locator(".abr-min").fill("75");
		await shows("D-250", "W-75", "W-900");
		await page.locator(".abr-direction").selectOption("withdrawal");
		await shows("W-75", "W-900");
		await page.locator(".abr-direction").selectOption("deposit");
		await page.locator(".abr-min").fill("");
		await shows("D-10", "D-250");
		await page.locator(".abr-direction").selectOption("all");
		await page.locator(".abr-max").fill("");
		await shows("D-10", "D-250", "D-4000", "W-75", "W-900");

		await sort(page, 6, "Descending");
		await tool.column_is(REFERENCE, ["D-4000", "W-900", "D-250", "W-75", "D-10"]);
		await sort(page, 6, "Ascending");
		await tool.column_is(REFERENCE, ["D-10", "W-75", "D-250", "W-900", "D-4000"]);
		await page.locator(".abr-direction").selectOption("deposit");
		await shows("D-10", "D-250", "D-4000");
		await tool.column_is(REFERENCE, ["D-10", "D-250", "D-4000"]); // it stays sorted

		await page.locator(".abr-search").fill("nobody wrote this");
		await shows();
		await page.getByText("No row matches.").waitFor();
	}
);
