# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The instalments of an invoice by its payment terms."""

import frappe
from erpnext.accounts.party import date_by_rule
from frappe import _
from frappe.utils import flt, getdate


def set_payment_schedule(doc) -> None:
	"""Give the invoice its Payment Schedule rows, or bring the amounts of the existing ones up to date."""
	base_total, total = _totals_to_schedule(doc)
	if not doc.get("payment_schedule"):
		for row in _new_rows(doc, total, base_total):
			doc.append("payment_schedule", row)
	for row in doc.payment_schedule:
		if row.invoice_portion:
			portion = flt(row.invoice_portion) / 100
			row.payment_amount = flt(total * portion, row.precision("payment_amount"))
			row.base_payment_amount = flt(base_total * portion, row.precision("base_payment_amount"))
			row.outstanding, row.base_outstanding = row.payment_amount, row.base_payment_amount
		else:
			row.base_payment_amount = flt(
				row.payment_amount * doc.conversion_rate, row.precision("base_payment_amount")
			)
			row.base_outstanding = row.base_payment_amount


def _totals_to_schedule(doc) -> tuple[float, float]:
	"""Total in company and in document currency that the instalments share."""
	return (
		flt(doc.base_rounded_total or doc.base_grand_total) - flt(doc.base_write_off_amount),
		flt(doc.rounded_total or doc.grand_total) - flt(doc.write_off_amount),
	)


def _new_rows(doc, total: float, base_total: float) -> list[dict]:
	posting_date = doc.get("bill_date") or doc.posting_date
	if not doc.payment_terms_template:
		return [
			{
				"due_date": doc.due_date or posting_date,
				"invoice_portion": 100,
				"payment_amount": total,
				"base_payment_amount": base_total,
			}
		]
	return get_payment_terms(doc.payment_terms_template, posting_date, total, base_total)


def get_payment_terms(template: str, posting_date, total: float, base_total: float) -> list[dict]:
	"""Payment Schedule rows (dicts) of the template for the totals in document and company currency."""
	rows = []
	for term in frappe.get_cached_doc("Payment Terms Template", template).terms:
		portion = flt(term.invoice_portion) / 100
		due_date = getdate(date_by_rule(term, "due_date_based_on", posting_date))
		rows.append(
			{
				"payment_term": term.payment_term,
				"description": term.description,
				"invoice_portion": term.invoice_portion,
				"payment_amount": portion * total,
				"base_payment_amount": portion * base_total,
				"outstanding": portion * total,
				"discount_type": term.discount_type,
				"discount": term.discount,
				"mode_of_payment": term.mode_of_payment,
				"due_date": max(due_date, getdate(posting_date)),
				"discount_date": date_by_rule(
					term,
					"discount_validity_based_on",
					posting_date,
					days="discount_validity",
					months="discount_validity",
				),
			}
		)
	return rows


def set_due_date(doc) -> None:
	"""The invoice is due when its last instalment is."""
	dates = [getdate(row.due_date) for row in doc.payment_schedule if row.due_date]
	if dates:
		doc.due_date = max(dates)


def validate_payment_schedule_dates(doc) -> None:
	"""No two instalments may be due on the same day."""
	seen = set()
	for row in doc.payment_schedule:
		if row.due_date and getdate(row.due_date) in seen:
			frappe.throw(
				_("Rows with duplicate due dates in other rows were found: {0}").format(row.due_date)
			)
		if row.due_date:
			seen.add(getdate(row.due_date))


def validate_payment_schedule_amount(doc) -> None:
	"""The instalments must add up to the invoice, within 0.1 in either currency."""
	if not doc.get("payment_schedule"):
		return
	base_total, total = _totals_to_schedule(doc)
	scheduled = sum(flt(row.payment_amount, row.precision("payment_amount")) for row in doc.payment_schedule)
	base_scheduled = sum(
		flt(row.base_payment_amount, row.precision("base_payment_amount")) for row in doc.payment_schedule
	)
	precision = doc.precision("grand_total")
	if (
		abs(flt(scheduled, precision) - flt(total, precision)) > 0.1
		or abs(flt(base_scheduled, precision) - flt(base_total, precision)) > 0.1
	):
		frappe.throw(_("Total Payment Amount in Payment Schedule must be equal to Grand / Rounded Total"))
