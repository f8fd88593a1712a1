// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { IMPORT_RECORD, api } from "../api.js";
import {
	first_step,
	is_active,
	is_open,
	lines_to_import,
	step_before,
	steps_of,
} from "../core/statement_steps.js";
import { escape, form_link, update_html } from "../markup.js";
import { act, ask_to_discard } from "./actions.js";
import { CheckStep } from "./check_step.js";
import { ColumnsStep } from "./columns_step.js";
import { FileStep } from "./file_step.js";
import { RunStep } from "./run_step.js";

const TITLES = () => ({
	file: __("File"),
	columns: __("Columns"),
	check: __("Check"),
	import: __("Import"),
});

// One import from the file to the booked lines. The server keeps everything: the dialog may be closed at any
// step and opened again.
export class StatementImportDialog {
	// bank_account. form(): {doc, closing_balance_known} of the tool, null outside of it. on_active(state): a
	// worker is at it. on_end(state): lines were booked, or taken back. on_show(state, changes): the user
	// wants to see the Bank Transactions in the tool. on_close().
	constructor({ bank_account, form, on_active, on_end, on_show, on_close }) {
		Object.assign(this, { bank_account, form, on_active, on_end, on_show, on_close });
		this.make();
		this.set_state(null);
	}

	make() {
		this.dialog = new frappe.ui.Dialog({
			title: __("Import Bank Statement"),
			size: "extra-large",
			no_submit_on_enter: true,
			fields: [{ fieldtype: "HTML", fieldname: "body" }],
			primary_action_label: __("Continue"),
			primary_action: () => this.submit(),
			secondary_action_label: __("Back"),
			secondary_action: () => this.go(step_before(this.step, this.state)),
		});
		this.dialog.$wrapper.addClass("abr-dialog abr-import-dialog");
		this.dialog.$wrapper.on("hidden.bs.modal", (event) => {
			if (event.target === this.dialog.$wrapper[0]) this.on_close();
		});
		this.$body = $(this.dialog.get_field("body").$wrapper).html(`
			<div class="abr-import-head"><div class="abr-summary"></div>
				<button class="btn btn-xs btn-default" data-action="discard">${__("Discard")}</button></div>
			<ol class="abr-steps"></ol>
			${Object.keys(TITLES())
				.map((step) => `<div data-pane="${step}"></div>`)
				.join("")}`);
		this.$body.on("click", ".abr-steps [data-step]", ({ currentTarget }) =>
			this.go(currentTarget.dataset.step)
		);
		this.$body.on("click", "[data-action=discard]", () => this.discard());
		this.make_steps();
	}

	make_steps() {
		const wrapper = (step) => this.$body.find(`[data-pane=${step}]`);
		const on_state = (state) => this.set_state(state, this.step);
		this.steps = {
			file: new FileStep({
				wrapper: wrapper("file"),
				on_file: async (url) =>
					this.set_state(await api.upload_statement(this.bank_account, url)),
			}),
			columns: new ColumnsStep({
				wrapper: wrapper("columns"),
				on_state,
				on_busy: (busy) => this.set_busy(busy),
			}),
			check: new CheckStep({ wrapper: wrapper("check"), on_state }),
			import: new RunStep({
				wrapper: wrapper("import"),
				form: this.form,
				on_action: (action) => this.act(action),
				on_state,
			}),
		};
	}

	show() {
		this.dialog.show();
	}

	hide() {
		this.dialog.hide();
	}

	get is_open() {
		return Boolean(this.dialog.display);
	}

	// state: what the server answered, null before there is a file. The step stays if it still makes sense.
	set_state(state, step) {
		this.state = state;
		this.go(step && is_open(step, state) ? step : first_step(state));
	}

	go(step) {
		if (!step || !is_open(step, this.state)) return;
		this.step = step;
		this.$body.find("[data-pane]").each((_index, pane) => {
			pane.hidden = pane.dataset.pane !== step;
		});
		this.render_head();
		this.render_buttons();
		if (step === "file") this.steps.file.show();
		else this.steps[step].render(this.state);
	}

	render_head() {
		const { state } = this;
		const cells = [[__("Bank Account"), escape(this.bank_account)]];
		if (state) {
			cells.push(
				[__("File"), escape(state.file_name)],
				[__("Format"), escape(state.format_title)],
				[__("Record"), form_link(IMPORT_RECORD, state.name)]
			);
		}
		update_html(
			this.$body.find(".abr-import-head .abr-summary"),
			cells
				.map(
					([label, html]) =>
						`<div><span class="text-muted">${label}</span><b>${html}</b></div>`
				)
				.join("")
		);
		this.$body.find("[data-action=discard]").toggle(Boolean(state?.can.discard));
		this.render_steps();
	}

	render_steps() {
		const titles = TITLES();
		const steps = steps_of(this.state);
		const html = steps.map((step, index) => {
			const current = step === this.step;
			const done = index < steps.indexOf(this.step);
			const open = !current && is_open(step, this.state);
			return `<li class="${current ? "abr-current" : done ? "abr-done" : ""}">
				<button type="button" data-step="${step}" ${open ? "" : "disabled"}
				${current ? 'aria-current="step"' : ""}><span class="abr-step-number">${index + 1}</span><span
				class="abr-step-title">${titles[step]}</span></button></li>`;
		});
		update_html(this.$body.find(".abr-steps"), html.join(""));
	}

	render_buttons() {
		const { state, step } = this;
		const labels = {
			file: () => "",
			columns: () => __("Continue"),
			check: () => this.import_label(),
			import: () => {
				if (is_active(state.status)) return __("Run in Background");
				return this.form() && state.counts.imported ? __("Show in the Tool") : __("Close");
			},
		};
		const label = labels[step]();
		this.dialog.footer.toggle(Boolean(label));
		const $primary = this.dialog.get_primary_btn().text(label).toggle(Boolean(label));
		this.dialog.get_secondary_btn().toggle(Boolean(step_before(step, state)));
		const ready =
			!this.busy &&
			(step !== "columns" || !state.questions.length) &&
			(step !== "check" || state.can.start);
		$primary.prop("disabled", !ready);
	}

	import_label() {
		const count = lines_to_import(this.state);
		// A file with nothing new, and nothing wrong, is put away as completed.
		if (!count)
			return this.state.can.start ? __("Complete the Import") : __("Nothing to Import");
		return count === 1 ? __("Import 1 Line") : __("Import {0} Lines", [count]);
	}

	set_busy(busy) {
		this.busy = busy;
		this.$body.toggleClass("abr-waiting", busy);
		this.render_buttons();
	}

	// An error of the server has been shown by the time it gets here; the dialog stays as it was.
	async submit() {
		if (this.busy) return;
		if (this.step === "columns") {
			if (this.steps.columns.complete) this.go("check");
		} else if (this.step === "check") {
			await this.run(() => api.start_import(this.state.name));
		} else {
			this.close_or_show();
		}
	}

	close_or_show() {
		const { state } = this;
		const ended = !is_active(state.status) && this.form() && state.counts.imported;
		const changes = ended ? this.steps.import.agreed_changes : {};
		this.hide();
		if (ended) this.on_show(state, changes);
	}

	async run(call) {
		this.set_busy(true);
		try {
			const state = await call();
			if (state) this.started(state);
		} finally {
			this.set_busy(false);
		}
	}

	started(state) {
		this.set_state(state, "import");
		if (is_active(state.status)) this.on_active(state);
		else this.on_end(state);
	}

	act(action) {
		return this.run(() => act(action, this.state));
	}

	// The worker has got further.
	show_progress(progress) {
		this.state = { ...this.state, ...progress };
		if (this.step !== "import") this.go("import");
		else this.steps.import.render_progress(progress);
	}

	async discard() {
		if (!(await ask_to_discard(this.state))) return;
		await api.discard_import(this.state.name);
		this.set_state(null);
	}
}
