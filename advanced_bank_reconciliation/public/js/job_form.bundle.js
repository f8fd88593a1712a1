// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { confirm_undo } from "./advance_bank_reconciliation_tool/bulk/confirm.js";
import { act_on_job, monitor_job, show_job_progress } from "./job_form/job_monitor.js";

frappe.provide("advanced_bank_reconciliation");
Object.assign(advanced_bank_reconciliation, {
	act_on_job,
	confirm_undo,
	monitor_job,
	show_job_progress,
});
