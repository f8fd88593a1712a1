# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

app_name = "erpnext"
app_title = "ERPNext"
app_publisher = "Advanced Bank Reconciliation contributors"
app_description = "Books and payments for minibench"
app_license = "GPL-3.0"

after_install = "erpnext.setup.install.after_install"
before_tests = "erpnext.setup.utils.before_tests"
boot_session = "erpnext.startup.boot.boot_session"

invoice_doctypes = ["Sales Invoice", "Purchase Invoice"]
bank_reconciliation_doctypes = ["Payment Entry", "Journal Entry", "Purchase Invoice", "Sales Invoice"]

get_entries_for_bank_reconciliation_statement = (
	"erpnext.accounts.report.bank_reconciliation_statement.bank_reconciliation_statement"
	".get_entries_for_bank_reconciliation_statement"
)
get_amounts_not_reflected_in_system_for_bank_reconciliation_statement = (
	"erpnext.accounts.report.bank_reconciliation_statement.bank_reconciliation_statement"
	".get_amounts_not_reflected_in_system_for_bank_reconciliation_statement"
)

scheduler_events = {"daily": ["erpnext.controllers.accounts_controller.update_invoice_status"]}
