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
	undo: `${TOOL}.undo_bulk_reconciliation`,
	report: `${TOOL}.get_bulk_reconciliation_report`,
};

const EVENTS = ["bulk_reconciliation_progress", "bulk_reconciliation_complete"];
const FAILURES_SHOWN = 20;
const PAYMENTS_LISTED = 200; // more names do not fit into the address of a list

const HEADLINE_COLOR = {
	Completed: "green",
	"Partially Completed": "orange",
	Paused: "yellow",
	Undoing: "orange",
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

	async refresh(frm) {
		frm.disable_save();
		add_links(frm);
		add_downloads(frm);
		await frappe.require("job_form.bundle.js");
		advanced_bank_reconciliation.monitor_job(frm, {
			events: EVENTS,
			endpoint: ENDPOINTS.progress,
			draw: (progress, is_first) => draw(frm, progress, is_first),
		});
	},

	on_hide(frm) {
		frm.job_monitor?.stop();
	},
});

// What is drawn comes from get_progress, at first and whenever there is news.
function draw(frm, progress, is_first) {
	if (is_first) add_action_buttons(frm, progress);
	update_counts(frm, progress);
	if (progress.active) {
		advanced_bank_reconciliation.show_job_progress(frm, progress);
	}
	show_headline(frm, progress);
	show_failures(frm, progress.failures || [], is_first);
}

function show_failures(frm, failures, is_first) {
	if (is_first) frm.$failures = null; // a refresh has taken it away
	if (!frm.$failures) {
		if (!failures.length) return;
		frm.$failures = frm.dashboard.add_section("", __("Failures"));
		frm.dashboard.show();
	}
	frm.$failures.html(failures_html(failures));
}

function update_counts(frm, progress) {
	["percentage", "processed", "failed", "message"].forEach((fieldname) => {
		frm.doc[fieldname] = progress[fieldname];
		frm.refresh_field(fieldname);
	});
}

function show_headline(frm, progress) {
	const color = HEADLINE_COLOR[progress.status] || "blue";
	frm.dashboard.clear_headline();
	frm.dashboard.set_headline(`<div>${headline(frm, progress)}</div>`, color);
}

function headline(frm, progress) {
	const says_all = !progress.active || progress.status === "Undoing";
	if (says_all && progress.message) return frappe.utils.escape_html(progress.message);
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
	if (can.undo) frm.add_custom_button(__("Undo"), () => undo(frm, progress));
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

async function undo(frm, progress) {
	if (await advanced_bank_reconciliation.confirm_undo(progress)) act(frm, "undo");
}

function act(frm, action) {
	return advanced_bank_reconciliation.act_on_job(frm, ENDPOINTS[action]);
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

function add_downloads(frm) {
	["CSV", "XLSX"].forEach((file_format) => {
		const asked = new URLSearchParams({ job_id: frm.doc.name, file_format });
		frm.add_custom_button(
			file_format,
			() => window.open(`/api/method/${ENDPOINTS.report}?${asked}`),
			__("Download Report")
		);
	});
}
