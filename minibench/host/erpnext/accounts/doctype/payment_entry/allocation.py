# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Whether the references of a Payment Entry fit what is outstanding now."""

import frappe
from erpnext.accounts.payment_ledger import INVOICE_DOCTYPES, get_outstanding_invoices
from erpnext.accounts.utils import get_account_currency
from frappe import _
from frappe.utils import flt, getdate, nowdate


def validate_allocated_amount(payment) -> None:
	"""Refuse allocations beyond what each voucher, and each payment term, has outstanding by the ledger."""
	if payment.payment_type == "Internal Transfer" or not payment.references:
		return
	if payment.party_type not in ("Customer", "Supplier"):
		for row in payment.references:
			_refuse_more_than(row, row.outstanding_amount)
		return
	latest = _latest_outstanding(payment)
	for row in payment.references:
		_validate_row(row, latest.get((row.reference_doctype, row.reference_name)) or {})


def _validate_row(row, latest_by_term: dict) -> None:
	by_terms = allocates_by_payment_terms(row.reference_doctype, row.reference_name)
	if not row.payment_term and by_terms:
		frappe.throw(
			_(
				"{0} is paid by payment terms. Please select a Payment Term in row #{1} of the references"
			).format(frappe.bold(row.reference_name), row.idx)
		)
	latest = latest_by_term.get(row.payment_term) or latest_by_term.get(None)
	if not latest:
		frappe.throw(
			_("{0} {1} has already been fully paid.").format(_(row.reference_doctype), row.reference_name)
		)
	precision = row.precision("outstanding_amount")
	if (
		row.payment_term == ""
		and latest.outstanding_amount < latest.invoice_amount
		and flt(row.outstanding_amount, precision) != flt(latest.outstanding_amount, precision)
	):
		frappe.throw(
			_("{0} {1} has already been partly paid. Please get its outstanding amount again.").format(
				_(row.reference_doctype), row.reference_name
			)
		)
	term_outstanding = flt(latest.payment_term_outstanding)
	if row.payment_term and by_terms and term_outstanding and flt(row.allocated_amount) > term_outstanding:
		frappe.throw(
			_(
				"Row #{0}: Allocated amount {1} is greater than outstanding amount {2} of Payment Term {3}"
			).format(row.idx, row.allocated_amount, term_outstanding, row.payment_term)
		)
	_refuse_more_than(row, latest.outstanding_amount)


def _refuse_more_than(row, outstanding) -> None:
	allocated, outstanding = flt(row.allocated_amount), flt(outstanding)
	if (allocated > 0 and allocated > outstanding) or (allocated < 0 and allocated < outstanding):
		frappe.throw(
			_("Row #{0}: Allocated Amount cannot be greater than outstanding amount.").format(row.idx)
		)


def allocates_by_payment_terms(doctype: str, name: str) -> bool:
	"""True for an invoice whose Payment Terms Template allocates payments by payment terms."""
	if doctype not in INVOICE_DOCTYPES:
		return False
	template = frappe.db.get_value(doctype, name, "payment_terms_template")
	return bool(
		template
		and frappe.get_cached_value(
			"Payment Terms Template", template, "allocate_payment_based_on_payment_terms"
		)
	)


def _latest_outstanding(payment) -> dict[tuple, dict]:
	"""{(doctype, name): {payment term or None: values}} of the referenced vouchers, from the ledger."""
	if payment.party_type == "Supplier" and _payments_are_held(payment.party):
		return {}
	vouchers = [
		{"voucher_type": doctype, "voucher_no": name}
		for doctype, name in {(row.reference_doctype, row.reference_name) for row in payment.references}
	]
	positive = get_outstanding_invoices(
		payment.party_type, payment.party, [payment.party_account], payment.company, vouchers
	)
	latest: dict[tuple, dict] = {}
	for row in _negative_invoices(payment, vouchers):
		latest.setdefault((row.voucher_type, row.voucher_no), {})[None] = row
	for row in positive:
		terms = latest.setdefault((row.voucher_type, row.voucher_no), {})
		if allocates_by_payment_terms(row.voucher_type, row.voucher_no):
			for term in _rows_by_term(row):
				terms[term.payment_term] = term
		else:
			terms[None] = row
	return latest


def _payments_are_held(supplier: str) -> bool:
	hold = frappe.get_cached_value(
		"Supplier", supplier, ["on_hold", "hold_type", "release_date"], as_dict=True
	)
	if not hold.on_hold:
		return False
	if hold.hold_type == "All":
		return True
	release_date = hold.release_date
	return hold.hold_type == "Payments" and (not release_date or getdate(nowdate()) <= getdate(release_date))


def _negative_invoices(payment, vouchers: list[dict]) -> list[dict]:
	"""Returns and overpaid invoices among the vouchers."""
	doctype = "Sales Invoice" if payment.party_type == "Customer" else "Purchase Invoice"
	account_field = "debit_to" if payment.party_type == "Customer" else "credit_to"
	company_currency = payment.company_currency
	prefix = "base_" if get_account_currency(payment.party_account) == company_currency else ""
	rows = frappe.get_all(
		doctype,
		filters={
			"name": ["in", [voucher["voucher_no"] for voucher in vouchers]],
			"company": payment.company,
			account_field: payment.party_account,
			"docstatus": 1,
			"outstanding_amount": ["<", 0],
		},
		fields=[
			"name as voucher_no",
			"outstanding_amount",
			f"{prefix}rounded_total as rounded_total",
			f"{prefix}grand_total as grand_total",
		]
		+ (["release_date"] if doctype == "Purchase Invoice" else []),
	)
	return [
		frappe._dict(row, voucher_type=doctype, invoice_amount=row.rounded_total or row.grand_total)
		for row in rows
		if not row.get("release_date") or getdate(row.release_date) <= getdate(nowdate())
	]


def _rows_by_term(invoice: dict) -> list[dict]:
	"""One row for each instalment that has more than 0.1 outstanding."""
	currencies = frappe.db.get_value(
		invoice.voucher_type,
		invoice.voucher_no,
		["currency", "conversion_rate", "party_account_currency", "company"],
		as_dict=True,
	)
	company_currency = frappe.get_cached_value("Company", currencies.company, "default_currency")
	in_company_currency = company_currency in (currencies.currency, currencies.party_account_currency)
	rate = currencies.conversion_rate if in_company_currency else 1
	schedule = frappe.get_all(
		"Payment Schedule",
		filters={"parent": invoice.voucher_no, "parenttype": invoice.voucher_type},
		fields=["payment_term", "outstanding"],
		order_by="due_date",
	)
	return [
		frappe._dict(
			invoice,
			payment_term=row.payment_term,
			outstanding_amount=flt(row.outstanding) * rate,
			payment_term_outstanding=flt(row.outstanding) * rate,
		)
		for row in schedule
		if flt(row.outstanding) > 0.1
	]
