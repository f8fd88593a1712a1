# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Freeing payments from an invoice or voucher that is being cancelled."""

import frappe
from frappe import _
from frappe.utils import now


class PaymentEntryUnlinkError(frappe.ValidationError):
	"""A Payment Entry does not hold together without the reference that was to be removed."""


def unlink_ref_doc_from_payment_entries(ref_doc, payment_name: str | None = None) -> None:
	"""Remove references to `ref_doc` from Journal Entries, Payment Entries and both ledgers.

	payment_name limits this to one payment. Amounts allocated to the document become unallocated.
	"""
	_unlink_journal_entries(ref_doc, payment_name)
	_unlink_payment_entries(ref_doc, payment_name)
	_unlink_ledgers(ref_doc, payment_name)


def _touch(query, table):
	return query.set(table.modified, now()).set(table.modified_by, frappe.session.user)


def _unlink_journal_entries(ref_doc, payment_name: str | None) -> None:
	row = frappe.qb.DocType("Journal Entry Account")
	condition = (row.reference_type == ref_doc.doctype) & (row.reference_name == ref_doc.name)
	if payment_name:
		condition &= row.parent == payment_name
	linked = frappe.qb.from_(row).select(row.parent).where(condition & (row.docstatus < 2)).run(pluck=True)
	if not linked:
		return
	query = frappe.qb.update(row).set(row.reference_type, None).set(row.reference_name, None)
	_touch(query, row).where(condition).run()
	frappe.msgprint(_("Unlinked Journal Entries: {0}").format(", ".join(sorted(set(linked)))))


def _unlink_payment_entries(ref_doc, payment_name: str | None) -> None:
	filters = {
		"parenttype": "Payment Entry",
		"reference_doctype": ref_doc.doctype,
		"reference_name": ref_doc.name,
		"docstatus": ["<", 2],
	}
	if payment_name:
		filters["parent"] = payment_name
	rows = frappe.get_all("Payment Entry Reference", filters=filters, fields=["name", "parent"])
	if not rows:
		return
	row = frappe.qb.DocType("Payment Entry Reference")
	query = frappe.qb.update(row).set(row.allocated_amount, 0)
	_touch(query, row).where(row.name.isin([reference.name for reference in rows])).run()
	payments = sorted({reference.parent for reference in rows})
	for payment in payments:
		_recompute_payment(payment)
	frappe.msgprint(_("Unlinked Payment Entries: {0}").format(", ".join(payments)))


def _recompute_payment(payment: str) -> None:
	doc = frappe.get_doc("Payment Entry", payment)
	try:
		doc.set_amounts()
		doc.clear_unallocated_reference_document_rows()
		doc.validate_payment_type_with_outstanding()
	except Exception as error:
		frappe.throw(
			_("Payment Entry {0} could not be unlinked. Please cancel it first. ({1})").format(
				payment, error
			),
			exc=PaymentEntryUnlinkError,
			title=_("Payment Unlink Error"),
		)
	frappe.db.set_value(
		"Payment Entry",
		payment,
		{
			"total_allocated_amount": doc.total_allocated_amount,
			"base_total_allocated_amount": doc.base_total_allocated_amount,
			"unallocated_amount": doc.unallocated_amount,
		},
	)


def _unlink_ledgers(ref_doc, payment_name: str | None) -> None:
	gle = frappe.qb.DocType("GL Entry")
	query = frappe.qb.update(gle).set(gle.against_voucher_type, None).set(gle.against_voucher, None)
	query = _touch(query, gle).where(
		(gle.against_voucher_type == ref_doc.doctype) & (gle.against_voucher == ref_doc.name)
	)
	if payment_name:
		query = query.where(gle.voucher_no == payment_name)
	query.run()

	ple = frappe.qb.DocType("Payment Ledger Entry")
	query = (
		frappe.qb.update(ple)
		.set(ple.against_voucher_type, ple.voucher_type)
		.set(ple.against_voucher_no, ple.voucher_no)
	)
	query = _touch(query, ple).where(
		(ple.against_voucher_type == ref_doc.doctype)
		& (ple.against_voucher_no == ref_doc.name)
		& (ple.delinked == 0)
	)
	if payment_name:
		query = query.where(ple.voucher_no == payment_name)
	query.run()
