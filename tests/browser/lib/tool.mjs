// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The reconciliation form as its user sees it. Everything is found by what is on the page.

import assert from "node:assert/strict";

export const FORM = "/app/advance-bank-reconciliation-tool";
export const MARCH = {
	bank_statement_from_date: "2026-03-01",
	bank_statement_to_date: "2026-03-31",
};

const METHOD = "advance_bank_reconciliation_tool.";

export class Tool {
	constructor(page) {
		this.page = page;
		this.dialog = page.locator(".abr-dialog.show");
		this.progress = page.locator(".abr-progress-dialog.show");
		this.message = page.locator(".modal.show", {
			has: page.locator(".msgprint"),
		});
		this.toasts = page.locator(".desk-alert");
		this.pills = page.locator(".abr-pill");
		this.candidates = this.dialog.locator(".abr-candidates .dt-row:not(.dt-row-header)");
	}

	// The form

	address(bank_account, state = MARCH) {
		return `${FORM}?${new URLSearchParams({ bank_account, ...state })}`;
	}

	async open(bank_account, state = MARCH) {
		await this.page.goto(this.address(bank_account, state), {
			waitUntil: "domcontentloaded",
		});
		await this.loaded();
	}

	async reload() {
		await this.page.reload({ waitUntil: "domcontentloaded" });
		await this.loaded();
	}

	async loaded() {
		await this.page.locator("[data-tab=open] .abr-count", { hasText: /\d/ }).waitFor();
		await this.page.locator(".abr-tables:not(.abr-loading)").waitFor();
		await this.settled();
	}

	// Nothing is being asked of the server, and nothing is about to be: the longest pause before a request
	// is that of a search (300 ms).
	async settled() {
		await this.page.waitForTimeout(400);
		await this.page.waitForFunction(() => !document.querySelector(".abr-loading"));
	}

	field(name) {
		return this.page.locator(`.form-page [data-fieldname="${name}"] input:visible`);
	}

	card(name) {
		return this.page.locator(`.abr-card[data-card=${name}]`);
	}

	rows(text) {
		const options = text === undefined ? {} : { hasText: text };
		return this.page.locator(".abr-pane:visible .dt-row:not(.dt-row-header)", options);
	}

	// The texts of one column, from the top.
	async column(index) {
		const cells = await this.rows().locator(`.dt-cell--col-${index}`).allInnerTexts();
		return cells.map((text) => text.trim());
	}

	// The column shows these texts, from the top, once the page has caught up.
	async column_is(index, expected) {
		const end = Date.now() + 5000;
		let texts = await this.column(index);
		while (Date.now() < end && texts.join("\n") !== expected.join("\n")) {
			await this.page.waitForTimeout(100);
			texts = await this.column(index);
		}
		assert.deepEqual(texts, expected);
	}

	count(tab) {
		return this.page.locator(`.abr-tables [data-tab=${tab}] .abr-count`).innerText();
	}

	// For what the form asks for by itself, some time after what was done.
	async count_becomes(tab, expected) {
		const count = this.page.locator(`.abr-tables [data-tab=${tab}] .abr-count`);
		await count.filter({ hasText: new RegExp(`^\\s*${expected}\\s*$`) }).waitFor();
		await this.loaded();
	}

	show_tab(tab) {
		return this.page.locator(`.abr-tables [data-tab=${tab}]`).click();
	}

	// The dialog

	async open_line(text) {
		await this.rows(text).locator("[data-action=open]").click();
		await this.dialog_ready();
	}

	async dialog_ready() {
		await this.dialog.waitFor();
		await this.dialog.locator(".abr-list-count", { hasText: /\d/ }).waitFor();
		await this.settled();
	}

	dialog_tab(name) {
		return this.dialog.locator(`.abr-tabs [data-tab=${name}]`).click();
	}

	async search(text) {
		await this.dialog.locator("[data-fieldname=search] input").fill(text);
		await this.settled();
	}

	async check(fieldname, on) {
		await this.dialog
			.locator(`[data-fieldname=${fieldname}] input.input-with-feedback`)
			.setChecked(on);
		await this.settled();
	}

	candidate(text) {
		return this.candidates.filter({ hasText: text });
	}

	tick(text) {
		return this.candidate(text).locator("[data-action=tick]").check();
	}

	async type_amount(text, amount) {
		const input = this.candidate(text).locator("[data-action=amount]");
		await input.fill(String(amount));
		await input.press("Tab");
	}

	// What the preview says that each ticked row on the screen gets, by name of the document.
	async preview() {
		const amounts = {};
		for (const row of await this.candidates.all()) {
			const input = row.locator("[data-action=amount]");
			if (await input.count()) {
				amounts[(await row.locator("a").first().innerText()).trim()] = Number(
					(await input.inputValue()).replaceAll(",", "")
				);
			}
		}
		return amounts;
	}

	get totals() {
		return this.dialog.locator(".abr-totals").innerText();
	}

	get submit_button() {
		return this.dialog.locator(".modal-footer .btn-primary:visible");
	}

	async submit() {
		await this.submit_button.click();
	}

	// A field of the dialog that is on top, by its name.
	input(fieldname, dialog = this.dialog) {
		return dialog.locator(
			`[data-fieldname="${fieldname}"] :is(input, select, textarea):visible`
		);
	}

	// Pick from the list of a link field, as the mouse does.
	async pick(fieldname, text, dialog = this.dialog) {
		const input = this.input(fieldname, dialog);
		const option = dialog
			.locator(`[data-fieldname="${fieldname}"] [role=option]`, { hasText: text })
			.first();
		await input.click();
		for (let turn = 1; ; turn += 1) {
			await input.fill(text);
			try {
				await option.click({ timeout: 10_000 });
				return;
			} catch (error) {
				// A slow desk draws the field anew after it was focused, and what was typed is gone.
				if (turn === 3 || (await input.inputValue()) === text) throw error;
			}
		}
	}

	// Messages

	async toast(text) {
		const toast = this.toasts.filter({ hasText: text });
		await toast.first().waitFor();
		return toast.first();
	}

	// The one message that is open says this; it is closed again.
	async read_message(pattern) {
		await this.message.waitFor();
		assert.equal(await this.message.count(), 1, "one message, once");
		const text = await this.message.locator(".msgprint").innerText();
		assert.match(text, pattern);
		await this.close(this.message);
		return text;
	}

	async close(dialog) {
		await dialog.locator(".btn-modal-close").click();
		await dialog.waitFor({ state: "hidden" });
	}

	async confirm() {
		await this.page
			.locator(".modal.show:not(.abr-dialog)")
			.last()
			.locator(".btn-primary:visible")
			.click();
	}

	// Every request to the tool's endpoint of this name, from now on: {url, body}.
	requests(endpoint) {
		const seen = [];
		this.page.on("request", (request) => {
			if (request.url().includes(METHOD + endpoint)) {
				seen.push(Object.fromEntries(new URLSearchParams(request.postData() || "")));
			}
		});
		return seen;
	}

	// Answer the endpoint's next requests by handler(route), as playwright's page.route.
	intercept(endpoint, handler) {
		return this.page.route(`**/*${METHOD}${endpoint}`, handler);
	}
}
