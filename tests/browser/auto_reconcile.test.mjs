// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const MOST_TIME = 120_000; // milliseconds until a run of twelve has ended, on a slow machine

// `count` deposits, each with the payment that has its reference, and one that nobody knows.
async function deposits(seed, text, count) {
	const bank_account = await seed.bank_account(text);
	const customer = seed.unique(text);
	const pairs = [];
	for (let number = 1; number <= count; number += 1) {
		const reference_number = `${text.toUpperCase().replaceAll(" ", "-")}-${number}`;
		pairs.push({
			line: await seed.deposit(bank_account, 100 + number, { reference_number }),
			payment: await seed.payment(bank_account, customer, 100 + number, {
				reference_no: reference_number,
			}),
		});
	}
	const odd = await seed.deposit(bank_account, 7.77, {
		reference_number: "ODD-1",
		description: "<b>odd</b> $& deposit",
	});
	return { bank_account, pairs, odd };
}

async function open_auto(tool) {
	await tool.page.getByRole("button", { name: "Auto Reconcile" }).click();
	const dialog = tool.page.locator(".abr-auto-dialog.show");
	await dialog.waitFor();
	await tool.settled();
	return dialog;
}

const primary = (dialog) => dialog.locator(".modal-footer .btn-primary:visible");

async function preview(tool, dialog, count) {
	await primary(dialog)
		.filter({ hasText: /^\s*Preview\s*$/ })
		.click();
	await primary(dialog)
		.filter({ hasText: `Reconcile ${count}` })
		.waitFor({ timeout: MOST_TIME });
	await tool.settled();
}

const result_rows = (dialog) =>
	dialog.locator(".abr-auto-result [data-pane]:visible .dt-row:not(.dt-row-header)");

async function confirm(tool, text) {
	const question = tool.page.locator(".modal.show", { hasText: text });
	await question.locator(".btn-primary:visible").click();
	await question.waitFor({ state: "hidden" });
}

async function assert_matched(seed, pairs) {
	for (const { line, payment } of pairs) {
		assert.equal((await seed.line(line.name)).unallocated_amount, 0);
		const links = await seed.call("links", { bank_transaction: line.name });
		assert.deepEqual(
			links.map(({ payment_entry }) => payment_entry),
			[payment.name]
		);
	}
}

async function assert_open(seed, pairs) {
	for (const { line } of pairs) {
		assert.equal((await seed.line(line.name)).status, "Unreconciled");
		assert.deepEqual(await seed.call("links", { bank_transaction: line.name }), []);
	}
}

scenario("preview, reconcile and undo a few deposits", async ({ seed, tool }) => {
	const { bank_account, pairs, odd } = await deposits(seed, "Auto Few", 3);
	await tool.open(bank_account);
	assert.equal(await tool.count("open"), "4");
	const dialog = await open_auto(tool);
	assert.equal(await tool.input("minimum_score", dialog).inputValue(), "45");

	await preview(tool, dialog, 3);
	await dialog.getByText("3 of 4 Bank Transactions would be matched").waitFor();
	assert.equal(await result_rows(dialog).count(), 3);
	await result_rows(dialog).filter({ hasText: pairs[0].payment.name }).waitFor();
	await dialog.locator("[data-tab=others]").click();
	const skipped = result_rows(dialog).filter({ hasText: odd.name });
	await skipped.filter({ hasText: "No voucher was found." }).waitFor();
	assert.match(await skipped.innerText(), /<b>odd<\/b>/, "what the bank wrote is text");
	await assert_open(seed, pairs);

	await primary(dialog).click();
	const toast = await tool.toast("3 of 4 Bank Transactions matched, 1 not.");
	await toast.locator("a", { hasText: "ABR-AUTO-" }).waitFor();
	await tool.page.locator("[data-tab=open] .abr-count", { hasText: /^1$/ }).waitFor();
	await assert_matched(seed, pairs);
	assert.equal(await tool.count("done"), "3");

	await toast.getByText("Undo").click();
	await tool.toast("Undone: 3 Bank Transactions are open again.");
	await tool.page.locator("[data-tab=open] .abr-count", { hasText: /^4$/ }).waitFor();
	await assert_open(seed, pairs);
});

scenario("another policy is previewed before it is carried out", async ({ seed, tool }) => {
	const { bank_account, pairs } = await deposits(seed, "Auto Policy", 2);
	await tool.open(bank_account);
	const asked = tool.requests("auto_reconcile_vouchers");
	const dialog = await open_auto(tool);
	await preview(tool, dialog, 2);
	await tool.input("minimum_score", dialog).fill("99");
	await tool.input("minimum_score", dialog).press("Tab");
	await primary(dialog)
		.filter({ hasText: /^\s*Preview\s*$/ })
		.waitFor();
	await primary(dialog).click();
	await dialog.getByText("0 of 3 Bank Transactions would be matched").waitFor();
	await result_rows(dialog).first().filter({ hasText: "99 are needed" }).waitFor();
	await primary(dialog)
		.filter({ hasText: /^\s*Preview\s*$/ })
		.waitFor();
	assert.deepEqual(
		asked.map(({ minimum_score, dry_run }) => [minimum_score, dry_run]),
		[
			["45", "1"],
			["99", "1"],
		]
	);
	await assert_open(seed, pairs);
});

scenario(
	"twelve deposits in the background, with its bar, and undone",
	async ({ seed, tool, page }) => {
		const { bank_account, pairs } = await deposits(seed, "Auto Many", 12);
		await tool.open(bank_account);
		const dialog = await open_auto(tool);
		await preview(tool, dialog, 12);
		await assert_open(seed, pairs);

		await primary(dialog).click();
		await tool.progress.waitFor();
		await tool.progress
			.locator(".modal-title", { hasText: /^\s*Completed\s*$/ })
			.waitFor({ timeout: MOST_TIME });
		assert.equal(
			await tool.progress.locator(".progress-bar").getAttribute("aria-valuenow"),
			"100"
		);
		await tool.progress.getByText("12 of 13 Bank Transactions matched, 1 not.").waitFor();
		await assert_matched(seed, pairs);
		await page.locator("[data-tab=open] .abr-count", { hasText: /^1$/ }).waitFor();

		await tool.progress.getByRole("button", { name: "Undo Run" }).click();
		await confirm(tool, "is unlinked again");
		await page
			.locator("[data-tab=open] .abr-count", { hasText: /^13$/ })
			.waitFor({ timeout: MOST_TIME });
		await assert_open(seed, pairs);
	}
);

scenario(
	"the record tells what came of each line, and undoes it",
	async ({ seed, tool, page }) => {
		const { bank_account, pairs } = await deposits(seed, "Auto Record", 2);
		await tool.open(bank_account);
		const dialog = await open_auto(tool);
		await preview(tool, dialog, 2);
		await primary(dialog).click();
		const toast = await tool.toast("2 of 3 Bank Transactions matched, 1 not.");
		await toast.locator("a", { hasText: "ABR-AUTO-" }).click();
		await page.getByText("2 of 3 Bank Transactions matched, 1 not.").first().waitFor();
		await page
			.locator(".form-page:visible")
			.getByText(pairs[1].payment.name)
			.first()
			.waitFor();
		await page.getByRole("button", { name: "Undo Run" }).click();
		await confirm(tool, "is unlinked again");
		await page.getByText("Undone: 2 Bank Transactions are open again.").first().waitFor();
		await assert_open(seed, pairs);
	}
);

scenario("nothing is open: the dialog says so and offers nothing", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Auto Empty");
	await tool.open(bank_account);
	const dialog = await open_auto(tool);
	await dialog.getByText("Nothing is open in this period.").waitFor();
	assert.equal(await primary(dialog).count(), 0);
});
