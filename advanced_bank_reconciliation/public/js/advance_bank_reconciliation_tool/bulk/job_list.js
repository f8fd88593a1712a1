// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The latest bulk jobs of a bank account, running and past.

import { api } from "../api.js";
import { escape, form_link } from "../markup.js";

const JOB = "Bulk Bank Reconciliation";

const COLORS = {
	Completed: "green",
	"Partially Completed": "orange",
	Failed: "red",
	Cancelled: "gray",
	"Rolled Back": "gray",
	Undoing: "orange",
	Undone: "gray",
};

// on_open(job_id): the user wants to see how a running job is doing. on_undo(job_id): to take back one that has
// ended.
export async function show_job_list(bank_account, { on_open, on_undo }) {
	const jobs = await api.recent_jobs(bank_account);
	const dialog = new frappe.ui.Dialog({
		title: __("Bulk Reconciliations of {0}", [escape(bank_account)]),
		size: "large",
		fields: [{ fieldtype: "HTML", fieldname: "body" }],
		primary_action_label: __("All Jobs"),
		primary_action: () => {
			dialog.hide();
			frappe.set_route("List", JOB, { bank_account });
		},
	});
	dialog.$wrapper.addClass("abr-job-list");
	const $body = $(dialog.get_field("body").$wrapper).html(
		jobs.length ? table_html(jobs) : empty_html()
	);
	$body.on("click", "[data-job], [data-undo]", (event) => {
		const { job, undo } = event.currentTarget.dataset;
		dialog.hide();
		undo ? on_undo(undo) : on_open(job);
	});
	dialog.show();
}

function empty_html() {
	const text = __(
		"No bulk reconciliation of this account yet. Tick many unpaid invoices for one deposit to start one."
	);
	return `<div class="abr-empty">${text}</div>`;
}

function table_html(jobs) {
	const head = [
		__("Job"),
		__("Bank Transaction"),
		__("Status"),
		__("Reconciled"),
		__("Failed"),
		__("Started"),
	];
	return `<div class="table-responsive"><table class="table table-sm">
		<thead><tr>${head.map((label) => `<th>${label}</th>`).join("")}</tr></thead>
		<tbody>${jobs.map(row_html).join("")}</tbody></table></div>`;
}

function row_html(job) {
	const color = COLORS[job.status] || "blue";
	const status = `<span class="indicator-pill ${color}">${escape(__(job.status))}</span>`;
	const button = (action, label) =>
		` <button class="btn btn-xs btn-default" data-${action}="${escape(
			job.name
		)}">${label}</button>`;
	const watch = job.active ? button("job", __("Watch")) : "";
	const undo = job.can_undo ? button("undo", __("Undo")) : "";
	const cells = [
		form_link(JOB, job.name),
		form_link("Bank Transaction", job.bank_transaction),
		status + watch + undo,
		__("{0} of {1}", [cint(job.processed), cint(job.total_invoices)]),
		cint(job.failed) || "",
		frappe.datetime.comment_when(job.creation),
	];
	return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}
