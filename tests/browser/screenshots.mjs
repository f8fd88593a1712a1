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
import { Import, long_statement, text_file } from "./lib/statement.mjs";
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

// A bank's CSV: dates that could be read in two ways, a row that cannot be booked, equal purchases.
const STATEMENT = [
	"First Harbour Bank;;;;;",
	"Account;DE21 5005 0000 9876 5432 10;;;;",
	"Booking date;Payer or payee;Purpose;Customer reference;Amount;Balance",
	"02/03/2026;Anders Optics;Invoice of February;RF18 0004;1.250,00;5.250,00",
	"04/03/2026;Harbour Café;Card payment;CARD-7731;-18,40;5.231,60",
	"04/03/2026;Harbour Café;Card payment;CARD-7731;-18,40;5.213,20",
	"05/03/2026;First Harbour Bank;Account fee, February;FEE-02;-39,90;5.173,30",
	"31/02/2026;Delta Survey Group;Deposit;RF18 0031;640,00;",
	"10/03/2026;Spring Members;Collective payment;COLL-0310;2.200,00;7.373,30",
	"12/03/2026;Quay Estates;Rent of the workshop;RENT-03;-980,00;6.393,30",
];
const NEXT_STATEMENT = [
	...STATEMENT.slice(0, 3),
	...STATEMENT.slice(-2),
	"14/03/2026;Corvin & Daughters;CORVIN + DAUGHTERS;RF18 0016;2.400,00;8.793,30",
];

scenario("pictures of a statement import", async ({ seed, tool, page }) => {
	await make_company(seed);
	const bank_account = await account(seed, "Statement Account");
	await tool.open(bank_account);
	const importing = new Import(tool);
	await importing.open();
	await tool.settled();
	await shoot(page, "import_file");
	await importing.upload(text_file("march.csv", STATEMENT.toSpliced(7, 1)));
	await importing.question("date_order").waitFor();
	await tool.settled();
	await shoot(page, "import_question");
	await importing.answer("date_order", "DMY");
	await importing.role(1, "party_name");
	await importing.role(2, "description");
	await tool.settled();
	await shoot(page, "import_columns");
	await importing.close();
	await page.locator(".abr-unfinished").waitFor();
	await tool.settled();
	await shoot(page, "import_unfinished");

	await importing.open();
	await importing.upload(text_file("march_all.csv", STATEMENT));
	await importing.step_is("columns");
	if (await importing.question("date_order").count())
		await importing.answer("date_order", "DMY");
	await importing.role(1, "party_name");
	await importing.role(2, "description");
	await importing.dialog.locator("[data-action=remember]").click();
	await tool.toast("The columns are saved for");
	await importing.press("Continue");
	await tool.settled();
	await page.evaluate(() => $(".desk-alert").remove());
	await shoot(page, "import_check");
	await importing.line("31/02/2026").locator("[data-action=correct]").click();
	await page.locator(".abr-correct-dialog.show").waitFor();
	await tool.settled();
	await shoot(page, "import_correct");
	await page.locator(".abr-correct-dialog.show .btn-modal-close").click();
	await tool.settled();
	await importing.press("Import 6 Lines");
	await importing.ended();
	await tool.settled();
	await shoot(page, "import_result");
	await importing.press("Show in the Tool");
	await tool.loaded();
	await page.locator("[data-card=statement]", { hasText: "6,393.30" }).waitFor();
	await shoot(page, "import_in_the_tool");

	await importing.open();
	await importing.upload(text_file("march_second_half.csv", NEXT_STATEMENT));
	await importing.step_is("check");
	await tool.settled();
	await shoot(page, "import_duplicates");
	await importing.close();

	await page.goto(
		`/app/bank-statement-import-record?bank_account=${encodeURIComponent(bank_account)}`
	);
	await page.locator(".list-row").first().waitFor();
	await tool.settled();
	await shoot(page, "import_list");
	const records = await seed.call("rows", {
		doctype: "Bank Statement Import Record",
		filters: { bank_account, imported: [">", 0] },
		fields: ["name"],
	});
	await page.goto(`/app/bank-statement-import-record/${records[0].name}`);
	await page.locator(".abr-lines tbody tr").first().waitFor();
	await tool.settled();
	await shoot(page, "import_record");
	await page.locator(".abr-lines").scrollIntoViewIfNeeded();
	await shoot(page, "import_record_lines");
});

scenario(
	"pictures of a statement that does not add up, and of a long one",
	async ({ seed, tool, page }) => {
		await make_company(seed);
		await seed.call("settings", { statement_background_limit: 100, batch_size: 5 });
		const bank_account = await account(seed, "Second Statement Account");
		await tool.open(bank_account);
		const importing = new Import(tool);
		await importing.open();
		const broken = STATEMENT.toSpliced(7, 1).map((row) => row.replace("5.173,30", "5.137,30"));
		await importing.upload(text_file("march_broken.csv", broken));
		await importing.step_is("check");
		await tool.settled();
		await shoot(page, "import_break");
		await importing.close();

		await importing.open();
		await importing.upload(long_statement("long.csv", 900));
		await importing.step_is("columns");
		if (await importing.question("sign_of_amounts").count())
			await importing.answer("sign_of_amounts", "deposits");
		await importing.press("Continue");
		await importing.press("Import 900 Lines");
		await importing.dialog
			.locator('.progress-bar[aria-valuenow^="4"]')
			.waitFor({ timeout: 60_000 });
		await shoot(page, "import_progress");
		await importing.ended();
		await shoot(page, "import_long_result");
	}
);

scenario(
	"pictures of a statement import on a narrow screen",
	async ({ seed, tool, page }) => {
		await make_company(seed);
		const bank_account = await account(seed, "Narrow Statement Account");
		await tool.open(bank_account);
		await page.evaluate((name) => cur_frm.abr_tool.imports.open(name), bank_account);
		const importing = new Import(tool);
		await tool.settled();
		await shoot(page, "narrow_import_file");
		await importing.upload(text_file("march_narrow.csv", STATEMENT));
		await importing.step_is("check");
		await importing.dialog.locator(".abr-steps [data-step=columns]").click();
		await tool.settled();
		await shoot(page, "narrow_import_columns");
		await importing.press("Continue");
		await tool.settled();
		await shoot(page, "narrow_import_check");
	},
	{ viewport: PHONE }
);

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
