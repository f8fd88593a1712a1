# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

app_name = "advanced_bank_reconciliation"
app_title = "Advanced Bank Reconciliation"
app_publisher = "Advanced Bank Reconciliation contributors"
app_description = "Reconciles bank statements with ERPNext, and settles bulk deposits in the background"
app_license = "gpl-3.0"

required_apps = ["frappe/erpnext"]

after_install = "advanced_bank_reconciliation.install.after_install"
after_migrate = "advanced_bank_reconciliation.install.after_migrate"
before_uninstall = "advanced_bank_reconciliation.uninstall.before_uninstall"
before_tests = "advanced_bank_reconciliation.install.before_tests"

scheduler_events = {
	"daily_long": ["advanced_bank_reconciliation.statement_import.recovery.delete_lines_without_record"],
	"cron": {
		"*/5 * * * *": [
			"advanced_bank_reconciliation.bulk.recovery.recover_interrupted_jobs",
			"advanced_bank_reconciliation.auto.recovery.recover_interrupted_runs",
			"advanced_bank_reconciliation.statement_import.recovery.recover_interrupted_imports",
		],
	},
}

# What others change on a Bank Transaction: clearance dates are computed anew, the impossible is refused; the
# line of one that is deleted lets go of its name, which the next one gets, and so do the rows of a job.
# Names: what a job makes is named without holding the naming series; nothing else is touched.
doc_events = {
	"Payment Entry": {
		"autoname": "advanced_bank_reconciliation.bulk.naming.autoname",
		"on_trash": "advanced_bank_reconciliation.bulk.made.forget_deleted",
	},
	"Journal Entry": {"autoname": "advanced_bank_reconciliation.bulk.naming.autoname"},
	"Bank Transaction": {
		"autoname": "advanced_bank_reconciliation.bulk.naming.autoname",
		"before_submit": "advanced_bank_reconciliation.vouchers.events.before_submit",
		"on_submit": "advanced_bank_reconciliation.vouchers.events.on_submit",
		"before_update_after_submit": (
			"advanced_bank_reconciliation.vouchers.events.before_update_after_submit"
		),
		"on_update_after_submit": "advanced_bank_reconciliation.vouchers.events.on_update_after_submit",
		"on_cancel": "advanced_bank_reconciliation.vouchers.events.on_cancel",
		"on_trash": [
			"advanced_bank_reconciliation.bulk.job.keep_while_active",
			"advanced_bank_reconciliation.statement_import.revert.forget_deleted",
		],
	},
}

# ERPNext's own tool then checks permissions and parties too, and leaves alone what it is not told.
override_whitelisted_methods = {
	"erpnext.accounts.doctype.bank_reconciliation_tool.bank_reconciliation_tool.update_bank_transaction": (
		"advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool"
		".advance_bank_reconciliation_tool.update_bank_transaction"
	),
}

# A job record tells what happened. It never stands in the way of deleting what it names, be it a
# Payment Entry, an invoice or a party. The row doctypes are listed too: then Frappe does not even search
# their tables.
ignore_links_on_delete = [
	"Auto Bank Reconciliation",
	"Auto Bank Reconciliation Line",
	"Bank Statement Import Record",
	"Bank Statement Import Record Line",
	"Bulk Bank Reconciliation",
	"Bulk Bank Reconciliation Invoice",
	"Bulk Bank Reconciliation Voucher",
]

export_python_type_annotations = True
require_type_annotated_api_methods = True
