// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { date, escape, money } from "../markup.js";
import { CreateTab } from "./create_tab.js";
import { MatchTab } from "./match_tab.js";
import {
	goes_to_background,
	processBulkReconciliation,
	processSyncReconciliation,
} from "./reconcile.js";
import { UpdateTab } from "./update_tab.js";

const TAB_OF_ACTION = {
	"Match Against Voucher": "match",
	"Create Voucher": "create",
	"Update Bank Transaction": "update",
};

// The dialog of one Bank Transaction: match, create, update.
//
// on_done({transaction, answer}): something was booked or changed. on_job(job_id, transaction): a
// background job has taken it.
export class DialogManager {
	constructor({ period, settings, precision, on_done, on_job }) {
		Object.assign(this, { period, settings, precision, on_done, on_job });
	}

	async open(transaction) {
		this.transaction = transaction;
		this.make();
		this.$summary.html(this.summary_html(transaction));
		await this.show_dialog();
		this.show_tab(TAB_OF_ACTION[this.settings.default_reconciliation_action] || "match");
		await this.tabs.match.open(transaction, this.precision);
	}

	// A table measures its wrapper, which has its width only when the dialog has opened.
	show_dialog() {
		const shown = new Promise((resolve) =>
			this.dialog.$wrapper.one("shown.bs.modal", resolve)
		);
		this.dialog.show();
		return shown;
	}

	make() {
		this.dialog?.$wrapper.remove();
		this.opened = new Set(["match"]);
		this.dialog = new frappe.ui.Dialog({
			title: __("Reconcile the Bank Transaction"),
			size: "extra-large",
			fields: [{ fieldtype: "HTML", fieldname: "body" }],
			primary_action_label: __("Reconcile"),
			primary_action: () => this.submit(),
			secondary_action_label: __("Edit in Full Page"),
			secondary_action: () => this.edit_in_full_page(),
		});
		this.dialog.$wrapper.addClass("abr-dialog");
		const $body = $(this.dialog.get_field("body").$wrapper).html(`
			<div class="abr-summary"></div>
			<ul class="nav nav-tabs abr-tabs" role="tablist">
				${[
					["match", __("Match Against Voucher")],
					["create", __("Create Voucher")],
					["update", __("Update Bank Transaction")],
				]
					.map(
						([tab, label]) => `<li class="nav-item">
						<a class="nav-link" href="#" role="tab" data-tab="${tab}">${label}</a></li>`
					)
					.join("")}
			</ul>
			<div data-pane="match"></div><div data-pane="create"></div><div data-pane="update"></div>`);
		this.$body = $body;
		this.$summary = $body.find(".abr-summary");
		const pane = (name) => $body.find(`[data-pane=${name}]`);
		this.tabs = {
			match: new MatchTab({
				wrapper: pane("match"),
				period: this.period,
				reconcile: () => this.submit(),
			}),
			create: new CreateTab({
				wrapper: pane("create"),
				period: this.period,
				settings: this.settings,
			}),
			update: new UpdateTab({ wrapper: pane("update"), settings: this.settings }),
		};
		this.tabs.match.on_selection = () => this.label_primary();
		$body.on("click", ".abr-tabs [data-tab]", (event) => {
			event.preventDefault();
			this.show_tab(event.currentTarget.dataset.tab);
		});
	}

	summary_html(transaction) {
		const direction = transaction.deposit > 0 ? __("Deposit") : __("Withdrawal");
		const cells = [
			[__("Date"), date(transaction.date)],
			[
				direction,
				money(transaction.deposit || transaction.withdrawal, transaction.currency),
			],
			[__("Unallocated"), money(transaction.unallocated_amount, transaction.currency)],
			[__("Party"), escape(transaction.party || transaction.bank_party_name)],
			[__("Reference"), escape(transaction.reference_number)],
			[__("Description"), escape(transaction.description)],
		];
		return cells
			.filter(([, value]) => value)
			.map(
				([label, value]) =>
					`<div><span class="text-muted">${label}</span><b>${value}</b></div>`
			)
			.join("");
	}

	async show_tab(name) {
		this.tab = name;
		this.$body.find(".abr-tabs [data-tab]").each((_index, link) => {
			$(link).toggleClass("active", link.dataset.tab === name);
		});
		this.$body.find("[data-pane]").each((_index, pane) => {
			pane.hidden = pane.dataset.pane !== name;
		});
		this.dialog.get_secondary_btn().toggle(name === "create");
		this.label_primary();
		if (!this.opened.has(name)) {
			this.opened.add(name);
			await this.tabs[name].open(this.transaction, this.precision);
		}
	}

	label_primary() {
		const labels = {
			match: () => {
				const count = this.tabs.match.selection?.size || 0;
				return count ? __("Reconcile {0}", [count]) : __("Reconcile");
			},
			create: () => __("Create and Reconcile"),
			update: () => __("Update"),
		};
		this.dialog.get_primary_btn().text(labels[this.tab]());
	}

	// An error of the server has been shown by the time it gets here; the dialog stays as it was.
	async submit() {
		if (this.busy) return;
		this.busy = true;
		this.dialog.disable_primary_action();
		try {
			await this[`submit_${this.tab}`]();
		} finally {
			this.busy = false;
			this.dialog.enable_primary_action();
		}
	}

	async submit_match() {
		const { selection } = this.tabs.match;
		if (!selection.size) {
			frappe.show_alert({ message: __("Tick at least one voucher."), indicator: "orange" });
			return;
		}
		if (goes_to_background(selection.invoices.length, this.settings)) {
			const answer = await processBulkReconciliation(this.transaction, selection);
			if (!answer) return;
			this.dialog.hide();
			this.on_job(answer.job_id, this.transaction);
			return;
		}
		const answer = await processSyncReconciliation(this.transaction, selection);
		this.dialog.hide();
		this.on_done({
			transaction: this.transaction,
			answer,
			linked: this.linked_by(answer, selection),
		});
	}

	linked_by(answer, selection) {
		return [
			...selection.vouchers.map(({ row }) => [row.doctype, row.name]),
			...(answer.payment_entries || []).map((name) => ["Payment Entry", name]),
		];
	}

	async submit_create() {
		const bank_transaction = await this.tabs.create.submit();
		if (!bank_transaction) return;
		this.dialog.hide();
		const { payment_document, payment_entry } = bank_transaction.payment_entries.at(-1);
		this.on_done({
			transaction: this.transaction,
			linked: [[payment_document, payment_entry]],
		});
	}

	async submit_update() {
		const row = await this.tabs.update.submit();
		if (!row) return;
		this.dialog.hide();
		this.on_done({ transaction: this.transaction, updated: true });
	}

	async edit_in_full_page() {
		if (await this.tabs.create.edit_in_full_page()) this.dialog.hide();
	}

	get is_open() {
		return Boolean(this.dialog?.display);
	}
}
