// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Makes the pictures of the user guide, docs/images/*.png, on a bench:
//   tests/browser/run_on_bench.sh SITE screenshots.mjs
// On minibench, into another folder:
//   ABR_PICTURES=FOLDER python3 minibench test tests/browser/test_browser.py::test_pictures
// The company of the pictures must be new to the site, or what an earlier run left is in them.

import path from "node:path";
import { fileURLToPath } from "node:url";

import { scenario } from "./lib/scenario.mjs";
import { FORM } from "./lib/tool.mjs";

const FOLDER = path.dirname(fileURLToPath(import.meta.url));
const IMAGES = process.env.ABR_PICTURES || path.join(FOLDER, "../../docs/images");
const COMPANY = process.env.ABR_PICTURE_COMPANY || "Harbour Instruments";
const ABBR = COMPANY.replace(/[^A-Z]/g, "");
const CUSTOMERS = [
	"Anders Optics",
	"Baltic Marine Supply",
	"Corvin & Daughters",
	"Delta Survey Group",
];
const PHONE = { width: 390, height: 844 };

const shoot = (page, name) =>
	page.screenshot({
		path: path.join(IMAGES, `${name}.png`),
		animations: "disabled",
	});

async function make_company(seed) {
	await seed.call("stage", {
		company: COMPANY,
		abbr: ABBR,
		bank: "First Harbour Bank",
	});
}

const account = (seed, title) => seed.make("make_bank_account", { title, company: COMPANY });

function pay(seed, bank_account, customer, amount, values = {}) {
	return seed.payment(bank_account, customer, amount, {
		company: COMPANY,
		paid_from: `Debtors - ${ABBR}`,
		...values,
	});
}

// A month of a small company's bank statement, with what the books know of it.
async function make_month(seed, title) {
	await make_company(seed);
	const bank_account = await account(seed, title);
	const invoice = (customer, amount, day) =>
		seed.make("make_sales_invoice", {
			amount,
			customer,
			company: COMPANY,
			posting_date: `2026-02-${day}`,
			due_date: `2026-03-${day}`,
		});
	await invoice(CUSTOMERS[0], 1250, "04");
	await invoice(CUSTOMERS[0], 845.5, "09");
	await invoice(CUSTOMERS[0], 310, "11");
	await invoice(CUSTOMERS[2], 2400, "16");
	const lines = [
		[
			"2026-03-03",
			1250,
			0,
			"Transfer ANDERS OPTICS invoice of February",
			"RF18 0004",
			CUSTOMERS[0],
		],
		["2026-03-05", 0, 39.9, "Account fee, February", "FEE-02", ""],
		["2026-03-10", 2200, 0, "Collective payment", "COLL-0310", CUSTOMERS[0]],
		["2026-03-12", 0, 980, "Rent of the workshop", "RENT-03", "Quay Estates"],
		["2026-03-18", 640, 0, "Card settlement", "CARD-7731", ""],
		["2026-03-24", 2400, 0, "CORVIN + DAUGHTERS", "RF18 0016", CUSTOMERS[2]],
	];
	for (const [
		date,
		deposit,
		withdrawal,
		description,
		reference_number,
		bank_party_name,
	] of lines) {
		await seed.make("make_bank_transaction", {
			bank_account,
			date,
			deposit,
			withdrawal,
			description,
			reference_number,
			bank_party_name,
		});
	}
	const settled = await pay(seed, bank_account, CUSTOMERS[3], 640, {
		reference_no: "CARD-7731",
	});
	return { bank_account, settled };
}

scenario("pictures of a month", async ({ seed, tool, page }) => {
	const { bank_account, settled } = await make_month(seed, "Operating Account");
	await page.goto(FORM, { waitUntil: "domcontentloaded" });
	await page.locator(".abr-empty:visible").waitFor();
	await tool.settled();
	await shoot(page, "empty");

	await tool.intercept("get_bank_transactions", async (route) => {
		await new Promise((resolve) => setTimeout(resolve, 3000));
		await route.continue();
	});
	await page.goto(tool.address(bank_account), {
		waitUntil: "domcontentloaded",
	});
	await page.locator(".abr-tables.abr-loading").waitFor();
	await page.locator(".abr-chart svg").waitFor();
	await shoot(page, "loading");
	await tool.loaded();
	await page.unroute(/get_bank_transactions/);

	await tool.open_line("CARD-7731");
	await shoot(page, "dialog_match");
	await tool.tick(settled.name);
	await tool.submit();
	await tool.toast("is matched.");
	await tool.settled();
	await shoot(page, "matched");
	await page.evaluate(() => $(".desk-alert").remove());
	await tool.field("bank_statement_closing_balance").fill("700");
	await tool.field("bank_statement_closing_balance").press("Tab");
	await tool.settled();
	await shoot(page, "filled");

	await tool.open_line("COLL-0310");
	await tool.search(CUSTOMERS[0]);
	await tool.dialog.locator("[data-action=all]").click();
	await tool.settled();
	await shoot(page, "selection_over_the_amount");
	await tool.dialog_tab("create");
	await tool.settled();
	await shoot(page, "dialog_create");
	await tool.dialog_tab("update");
	await tool.settled();
	await shoot(page, "dialog_update");
	await tool.close(tool.dialog);

	await tool.field("bank_statement_closing_balance").fill("640");
	await tool.field("bank_statement_closing_balance").press("Tab");
	await tool.settled();
	await shoot(page, "zero_difference");
	await tool.show_tab("done");
	await tool.settled();
	await shoot(page, "reconciled");
	await tool.rows(settled.name).locator("[data-action=open]").click();
	await page.getByText("What to unlink").waitFor();
	await tool.settled();
	await shoot(page, "unreconcile");
});

scenario("picture of an error", async ({ seed, tool, page, expect_problem }) => {
	expect_problem(/./);
	await make_company(seed);
	const bank_account = await account(seed, "Savings Account");
	const payment = await pay(seed, bank_account, CUSTOMERS[1], 75);
	const other = await seed.deposit(bank_account, 75, {
		reference_number: "RF18 0075 B",
		date: "2026-03-12",
	});
	await seed.deposit(bank_account, 75, { reference_number: "RF18 0075" });
	await tool.open(bank_account);
	await tool.rows().last().locator("[data-action=open]").click();
	await tool.dialog_ready();
	await tool.tick(payment.name);
	await seed.call("reconcile", {
		bank_transaction: other.name,
		vouchers: [["Payment Entry", payment.name]],
	});
	await tool.submit();
	await tool.message.waitFor();
	await tool.settled();
	await shoot(page, "error");
});

scenario("pictures of a bulk", async ({ seed, tool, page }) => {
	await make_company(seed);
	await seed.call("settings", {
		reconcile_unpaid_invoices_in_background: 1,
		bulk_threshold: 50,
		batch_size: 5,
		on_invoice_failure: "Skip and report",
	});
	for (const [frozen, name, group] of [
		[true, "failures", "Autumn Members"],
		[false, "completion", "Spring Members"],
	]) {
		const bank_account = await account(seed, `${group} Account`);
		const customers = [0, 1, 2, 3, 4, 5].map((number) => `${group} ${number + 1}`);
		for (let number = 0; number < 60; number += 1) {
			await seed.make("make_sales_invoice", {
				amount: 25,
				customer: customers[number % 6],
				company: COMPANY,
			});
		}
		if (frozen) {
			await seed.call("set_value", {
				doctype: "Customer",
				name: customers[3],
				values: { is_frozen: 1 },
			});
		}
		await seed.deposit(bank_account, 1500, {
			reference_number: "COLLECT-03",
			description: "Direct debits, March",
		});
		await tool.open(bank_account);
		await tool.open_line("COLLECT-03");
		await tool.search(group);
		await tool.dialog.locator("[data-action=all]").click();
		await page.getByText("60 selected").waitFor();
		await tool.submit();
		await page.getByText("Payment Entries will be made in the background").waitFor();
		await tool.settled();
		await shoot(page, "confirm_bulk");
		await tool.confirm();
		const half =
			'.abr-progress-dialog .progress-bar[aria-valuenow^="5"], .abr-progress-dialog .progress-bar[aria-valuenow^="4"]';
		await page.locator(half).first().waitFor({ timeout: 120_000 });
		await shoot(page, "progress");
		await tool.progress
			.locator(".modal-footer .btn-primary", { hasText: "Close" })
			.waitFor({ timeout: 120_000 });
		await tool.settled();
		await shoot(page, name);
	}
});

scenario("pictures of suggestions and of a small difference", async ({ seed, tool, page }) => {
	await make_company(seed);
	const bank_account = await account(seed, "Collections Account");
	const customer = "Eastern Ferries";
	for (const [amount, day] of [
		[410, "03"],
		[275.5, "05"],
		[120, "08"],
		[98.25, "12"],
		[640, "19"],
	]) {
		await seed.make("make_sales_invoice", {
			amount,
			customer,
			company: COMPANY,
			posting_date: `2026-02-${day}`,
			due_date: `2026-03-${day}`,
		});
	}
	await seed.deposit(bank_account, 493.75, {
		reference_number: "FERRY-03",
		description: "EASTERN FERRIES collective payment",
	});
	await seed.deposit(bank_account, 639.6, {
		reference_number: "FERRY-04",
		description: "EASTERN FERRIES, charges deducted",
	});
	await tool.open(bank_account);
	await tool.open_line("FERRY-03");
	await tool.dialog.locator("[data-action=suggest]").click();
	await tool.dialog.locator("[data-action=tick-set]").first().click();
	await tool.settled();
	await shoot(page, "suggestions");
	await tool.close(tool.dialog);

	await tool.open_line("FERRY-04");
	await tool.search(customer);
	await tool.candidate("640.00").locator("[data-action=tick]").check();
	await tool.dialog.locator(".abr-small-difference summary").click();
	await tool.dialog.locator(".abr-small-difference [data-account]").first().click();
	await tool.dialog.locator(".abr-totals", { hasText: "Booked as difference" }).waitFor();
	await shoot(page, "small_difference");
});

scenario("pictures of auto reconcile and of the list of jobs", async ({ seed, tool, page }) => {
	await make_company(seed);
	const bank_account = await account(seed, "Card Account");
	for (let number = 1; number <= 6; number += 1) {
		const reference_no = `CARD-90${number}`;
		await seed.deposit(bank_account, 40 + number, { reference_number: reference_no });
		if (number < 5)
			await pay(seed, bank_account, CUSTOMERS[number % 4], 40 + number, { reference_no });
	}
	await tool.open(bank_account);
	await page.getByRole("button", { name: "Auto Reconcile" }).click();
	const dialog = page.locator(".abr-auto-dialog.show");
	await dialog.locator(".modal-footer .btn-primary:visible", { hasText: "Preview" }).click();
	await dialog.locator(".btn-primary:visible", { hasText: "Reconcile 4" }).waitFor();
	await tool.settled();
	await shoot(page, "auto_reconcile");
	await tool.close(dialog);
	await page.goto(
		`${FORM}?bank_account=${encodeURIComponent(
			`Spring Members Account ${ABBR} - First Harbour Bank`
		)}` + "&bank_statement_from_date=2026-03-01&bank_statement_to_date=2026-03-31",
		{ waitUntil: "domcontentloaded" }
	);
	await tool.loaded();
	await page.getByRole("button", { name: "Bulk Reconciliations" }).click();
	await page.locator(".abr-job-list.show").waitFor();
	await tool.settled();
	await shoot(page, "job_list");
});

scenario(
	"picture of a narrow screen",
	async ({ seed, tool, page }) => {
		const { bank_account } = await make_month(seed, "Second Account");
		await tool.open(bank_account);
		await shoot(page, "narrow");
		await tool.open_line("RF18 0016");
		await shoot(page, "narrow_dialog");
	},
	{ viewport: PHONE }
);
