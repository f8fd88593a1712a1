// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

const TOOL =
	"advanced_bank_reconciliation.advanced_bank_reconciliation.doctype" +
	".advance_bank_reconciliation_tool.advance_bank_reconciliation_tool";

const ENDPOINTS = {
	progress: `${TOOL}.get_progress`,
	pause: `${TOOL}.pause_bulk_reconciliation`,
	resume: `${TOOL}.resume_bulk_reconciliation`,
	retry: `${TOOL}.retry_bulk_reconciliation`,
	cancel: `${TOOL}.cancel_bulk_reconciliation`,
};

const EVENTS = ["bulk_reconciliation_progress", "bulk_reconciliation_complete"];
const POLL_INTERVAL = 5000; // milliseconds without an event after which the server is asked
const FAILURES_SHOWN = 20;
const PAYMENTS_LISTED = 200; // more names do not fit into the address of a list

const HEADLINE_COLOR = {
	Completed: "green",
	"Partially Completed": "orange",
	Paused: "yellow",
	Failed: "red",
};

// Texts that may quote a bank statement, a party or an error are never read as HTML. The rows' fields are
// told when this script is loaded, since their grids copy them as soon as the form is made.
const as_text = (value) => frappe.utils.escape_html(value || "");
["Bulk Bank Reconciliation Invoice", "Bulk Bank Reconciliation Voucher"].forEach((doctype) => {
	frappe.meta.docfield_map[doctype].error.formatter = as_text;
});

frappe.ui.form.on("Bulk Bank Reconciliation", {
	onload(frm) {
		["message", "error_message"].forEach((fieldname) =>
			frm.set_df_property(fieldname, "formatter", as_text)
		);
	},

	refresh(frm) {
		frm.disable_save();
		frm.job_monitor?.stop();
		frm.job_monitor = new JobMonitor(frm);
		frm.job_monitor.start();
		add_links(frm);
	},

	on_hide(frm) {
		frm.job_monitor?.stop();
	},
});

// Keeps one job's form in step with the server until the form is left or shows another job.
// Events only say that there is news; what is drawn always comes from get_progress.
class JobMonitor {
	constructor(frm) {
		this.frm = frm;
		this.job_id = frm.doc.name;
		this.on_event = (event) => this.hear(event);
		this.last_heard = 0;
		this.asked = 0;
		this.drawn = 0;
	}

	start() {
		EVENTS.forEach((name) => frappe.realtime.on(name, this.on_event));
		this.timer = setInterval(() => this.poll(), POLL_INTERVAL);
		this.update();
	}

	stop() {
		this.stopped = true;
		clearInterval(this.timer);
		EVENTS.forEach((name) => frappe.realtime.off(name, this.on_event));
	}

	hear(event) {
		if (event.job_id !== this.job_id) return;
		this.last_heard = Date.now();
		this.update();
	}

	poll() {
		const silent = Date.now() - this.last_heard >= POLL_INTERVAL;
		if (silent && this.progress?.active !== false) this.update();
	}

	async update() {
		const turn = ++this.asked;
		const progress = await frappe.xcall(ENDPOINTS.progress, { job_id: this.job_id });
		if (this.stopped || turn < this.drawn) return;
		this.drawn = turn;
		if (this.has_new_state(progress)) {
			this.stop();
			this.frm.reload_doc();
			return;
		}
		this.draw(progress);
	}

	has_new_state(progress) {
		if (progress.status !== this.frm.doc.status) return true;
		const before = this.progress;
		return before && JSON.stringify(before.can) !== JSON.stringify(progress.can);
	}

	draw(progress) {
		if (!this.progress) add_action_buttons(this.frm, progress);
		this.progress = progress;
		update_counts(this.frm, progress);
		if (progress.active) {
			show_progress_bar(this.frm, progress);
		}
		show_headline(this.frm, progress);
		this.show_failures(progress.failures || []);
	}

	show_failures(failures) {
		if (!this.$failures) {
			if (!failures.length) return;
			this.$failures = this.frm.dashboard.add_section("", __("Failures"));
			this.frm.dashboard.show();
		}
		this.$failures.html(failures_html(failures));
	}
}

function update_counts(frm, progress) {
	["percentage", "processed", "failed", "message"].forEach((fieldname) => {
		frm.doc[fieldname] = progress[fieldname];
		frm.refresh_field(fieldname);
	});
}

function show_progress_bar(frm, progress) {
	frm.dashboard.show_progress(__("Progress"), progress.percentage);
	// Set as text: the dashboard would read a message as HTML.
	frm.dashboard.progress_area.body.find(".progress-message").text(progress.message || "");
}

function show_headline(frm, progress) {
	const color = HEADLINE_COLOR[progress.status] || "blue";
	frm.dashboard.clear_headline();
	frm.dashboard.set_headline(`<div>${headline(frm, progress)}</div>`, color);
}

function headline(frm, progress) {
	if (!progress.active && progress.message) return frappe.utils.escape_html(progress.message);
	return [
		__("Invoices paid: {0} of {1}", [progress.processed + progress.paid, progress.total]),
		__("Failed: {0}", [progress.failed]),
		__("Planned amount: {0}", [format_currency(frm.doc.allocated_amount, frm.doc.currency)]),
	].join(" · ");
}

function failures_html(failures) {
	const rows = failures.slice(0, FAILURES_SHOWN).map(
		(failure) => `<tr>
			<td class="text-nowrap">${frappe.utils.get_form_link(
				failure.invoice_type,
				failure.invoice,
				true,
				frappe.utils.escape_html(failure.invoice)
			)}</td>
			<td>${frappe.utils.escape_html(failure.message)}</td>
		</tr>`
	);
	const hidden = failures.length - rows.length;
	const more = hidden > 0 ? __("{0} more failures are in the table of invoices.", [hidden]) : "";
	return `<table class="table table-bordered small">
			<thead><tr><th style="width: 25%">${__("Invoice")}</th><th>${__("Reason")}</th></tr></thead>
			<tbody>${rows.join("")}</tbody>
		</table>
		<p class="text-muted small">${more}</p>`;
}

function add_action_buttons(frm, progress) {
	const can = progress.can;
	if (can.pause) frm.add_custom_button(__("Pause"), () => act(frm, "pause"));
	if (can.resume) add_resume_button(frm, progress);
	if (can.retry) add_primary_button(frm, __("Retry Failed"), "retry");
	if (can.cancel) frm.add_custom_button(__("Cancel Run"), () => confirm_cancel(frm));
}

// A job that ought to be at work can be resumed too, in case its worker was lost.
function add_resume_button(frm, progress) {
	if (["Paused", "Failed"].includes(progress.status)) {
		add_primary_button(frm, __("Resume"), "resume");
	} else {
		frm.add_custom_button(__("Resume"), () => act(frm, "resume"), __("Actions"));
	}
}

function add_primary_button(frm, label, action) {
	frm.add_custom_button(label, () => act(frm, action)).addClass("btn-primary");
}

function confirm_cancel(frm) {
	const question = __(
		"Cancel {0}? Every Payment Entry that this run has made is cancelled again, and its invoices are unpaid as before. Vouchers that existed before the run are not touched, and the bank transaction stays unreconciled.",
		[frm.doc.name.bold()]
	);
	frappe.confirm(question, () => act(frm, "cancel"));
}

async function act(frm, action) {
	await frappe.xcall(ENDPOINTS[action], { job_id: frm.doc.name });
	frm.reload_doc();
}

function add_links(frm) {
	const group = __("View");
	frm.add_custom_button(
		__("Bank Transaction"),
		() => frappe.set_route("Form", "Bank Transaction", frm.doc.bank_transaction),
		group
	);
	const payments = [
		...new Set((frm.doc.invoices || []).map((row) => row.payment_entry).filter(Boolean)),
	];
	if (payments.length && payments.length <= PAYMENTS_LISTED) {
		frm.add_custom_button(
			__("Payment Entries"),
			() => frappe.set_route("List", "Payment Entry", { name: ["in", payments] }),
			group
		);
	}
}
