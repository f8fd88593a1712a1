// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";
import { Import, RECORD, text_file, the_record } from "./lib/statement.mjs";

const IMPORTER =
	"advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bank_statement_importer.bank_statement_importer";

const evil = (field) =>
	`<img src=x onerror="window.__xss='${field}'"><script>window.__xss='${field}'</script>$&{{7*7}} ${field}`;
const cell = (text) => `"${text.replaceAll('"', '""')}"`;

async function assert_harmless(page) {
	assert.equal(await page.evaluate(() => window.__xss), undefined, "no script of the file ran");
	// The desk's own list of attachments shows a file's name as HTML that it has made harmless.
	const made = page.locator('img[src="x"]:not(.form-sidebar img)');
	assert.equal(await made.count(), 0, "no element of the file was made");
}

// The file has HTML and a script in its name, its titles and every cell. It is text in each step, on the
// record, in the list and in the tool (PITFALLS P80).
scenario("a statement full of HTML shows as text in every step", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Evil Import");
	await tool.open(bank_account);
	const importing = new Import(tool);
	await importing.open();
	await importing.upload(
		text_file("<img src=x onerror=alert(1)>.csv", [
			["Date", "Description", "Reference", "Amount", evil("title")].map(cell).join(","),
			["01/02/2026", evil("description"), evil("reference"), "10.00", evil("more")]
				.map(cell)
				.join(","),
			["02/02/2026", evil("second"), "R-2", "-1.00", ""].map(cell).join(","),
			[evil("no date"), evil("third"), "R-3", "7.00", ""].map(cell).join(","),
		])
	);
	await importing.step_is("columns");
	await assert_harmless(page);
	await importing.answer("date_order", "DMY");
	assert.match((await importing.parsed()).join(" "), /<img src=x/);
	await assert_harmless(page);
	await importing.press("Continue");
	assert.match(await importing.pane("check").innerText(), /<script>/);
	await importing.pane("check").locator("[data-action=correct]").first().click();
	const dialog = page.locator(".abr-correct-dialog.show");
	await dialog.locator(".abr-raw", { hasText: "<img" }).waitFor();
	await assert_harmless(page);
	await dialog.locator(".btn-modal-close").click();
	await dialog.waitFor({ state: "hidden" });
	await importing.press("Import 2 Lines");
	await importing.ended();
	await assert_harmless(page);
	await importing.press("Show in the Tool");
	await tool.count_becomes("open", 2);
	await assert_harmless(page);

	const { name } = await the_record(seed, bank_account);
	await page.goto(`/app/bank-statement-import-record/${name}`, {
		waitUntil: "domcontentloaded",
	});
	await page.locator(".form-page .abr-lines tbody tr").first().waitFor();
	await assert_harmless(page);
	const filter = `bank_account=${encodeURIComponent(bank_account)}`; // the desk remembers another
	await page.goto(`/app/bank-statement-import-record?${filter}`, {
		waitUntil: "domcontentloaded",
	});
	await page.locator(".list-row", { hasText: bank_account }).first().waitFor();
	await assert_harmless(page);
});

// A bookkeeper knows the address of a private file that another has uploaded: it is refused unread (P79).
scenario(
	"the private file of another user is refused",
	async ({ seed, tool, page, new_tool, expect_problem }) => {
		expect_problem(/./);
		await tool.open(await seed.bank_account("Private Import"));
		const file = await upload_privately(page, "Date,Text,Amount\n2026-01-31,Secret,1.00\n");
		assert.equal(file.is_private, 1);
		const other = await seed.bank_account("Own Import");

		const email = `${seed.unique("other").replaceAll(" ", "")}@abr.example`;
		await seed.call("accounts_user", { email, password: "Bookkeeper-1" });
		const stranger = await new_tool({ user: email, password: "Bookkeeper-1" });
		await stranger.open(other);
		const answer = await stranger.page.evaluate(
			async ([importer, bank_account, file_url]) => {
				const response = await fetch(`/api/method/${importer}.upload_statement`, {
					method: "POST",
					headers: {
						"Content-Type": "application/json",
						Accept: "application/json",
						"X-Frappe-CSRF-Token": frappe.csrf_token,
					},
					body: JSON.stringify({ bank_account, file_url }),
				});
				return { status: response.status, text: await response.text() };
			},
			[IMPORTER, other, file.file_url]
		);
		assert.equal(answer.status, 403);
		assert.doesNotMatch(answer.text, /Secret/);
		const records = await seed.call("rows", {
			doctype: RECORD,
			filters: { bank_account: other },
			fields: ["name"],
		});
		assert.deepEqual(records, [], "no record is made of it");

		// Their own file is taken.
		const theirs = new Import(stranger);
		await theirs.open();
		await theirs.upload(
			text_file("theirs.csv", [
				"Date,Text,Amount",
				"2026-01-31,Mine,1.00",
				"2026-01-30,Out,-2.00",
			])
		);
		await theirs.step_is("columns");
		await theirs.close();
	}
);

// As the desk's uploader does it, attached to nothing.
function upload_privately(page, content) {
	return page.evaluate(async (text) => {
		const form = new FormData();
		form.append("file", new File([text], "private.csv"));
		form.append("is_private", 1);
		form.append("folder", "Home");
		const response = await fetch("/api/method/upload_file", {
			method: "POST",
			headers: { Accept: "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token },
			body: form,
		});
		return (await response.json()).message;
	}, content);
}
