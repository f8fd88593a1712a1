# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Credit and debit notes: making one from an invoice, and checking one against its invoice."""

import frappe
from frappe import _
from frappe.utils import flt, get_datetime


class StockOverReturnError(frappe.ValidationError):
	"""More is returned than was invoiced."""


def make_return_doc(doctype: str, source_name: str, target_doc=None):
	"""Unsaved return of what is left to return of a submitted invoice: negative quantities and payments."""
	if target_doc:
		raise NotImplementedError("make_return_doc into an existing document is not in minibench")
	source = frappe.get_doc(doctype, source_name)
	source.check_permission("read")
	if source.docstatus != 1:
		frappe.throw(_("Cannot return {0}, it is not submitted").format(source_name))

	target = frappe.new_doc(doctype)
	target.update(_copied_values(source))
	target.update(
		{
			"is_return": 1,
			"return_against": source.name,
			"party_account_currency": source.party_account_currency,
		}
	)
	returned = _returned_quantities(source.doctype, source.name)
	link = frappe.scrub(doctype) + "_item"
	for item in source.items:
		if item.qty:
			quantity = item.qty - returned.get((item.item_code, item.name), 0)
			target.append("items", {**_copied_values(item), "qty": -quantity, link: item.name})
	for tax in source.get("taxes"):
		values = _copied_values(tax)
		if tax.charge_type == "Actual":
			values["tax_amount"] = -tax.tax_amount
		target.append("taxes", values)
	_return_payments(source, target)
	target.run_method("calculate_taxes_and_totals")
	return target


def _copied_values(doc) -> dict:
	"""Values of the fields that a copy takes over, without tables."""
	return {
		df.fieldname: doc.get(df.fieldname)
		for df in doc.meta.fields
		if not df.no_copy and df.fieldtype not in frappe.model.table_fields + frappe.model.no_value_fields
	}


def _return_payments(source, target) -> None:
	if source.doctype == "Purchase Invoice":
		target.paid_amount = -flt(source.paid_amount)
		target.base_paid_amount = -flt(source.base_paid_amount)
		return
	for payment in source.payments:
		target.append(
			"payments",
			{
				"mode_of_payment": payment.mode_of_payment,
				"type": payment.type,
				"account": payment.account,
				"default": payment.default,
				"amount": -payment.amount,
				"base_amount": -payment.base_amount,
			},
		)
	if source.is_pos:
		target.paid_amount = -flt(source.paid_amount)


def validate_return(doc) -> None:
	"""Check a return against its invoice: party, time, exchange rate, items, quantities and rates.

	Raises StockOverReturnError when more is returned than is left.
	"""
	if not doc.is_return or not doc.return_against:
		return
	if not frappe.db.exists(doc.doctype, doc.return_against):
		frappe.throw(_("{0} {1} does not exist").format(_(doc.doctype), doc.return_against))
	original = frappe.get_doc(doc.doctype, doc.return_against)
	if original.party != doc.party:
		frappe.throw(
			_("{0} is of another party than {1}").format(original.name, doc.party), title=_("Party Mismatch")
		)
	if original.company == doc.company and original.docstatus == 1:
		if get_datetime(f"{doc.posting_date} {doc.posting_time or '00:00:00'}") < get_datetime(
			f"{original.posting_date} {original.posting_time or '00:00:00'}"
		):
			frappe.throw(_("Posting timestamp must be after that of {0}").format(original.name))
		if doc.conversion_rate != original.conversion_rate:
			frappe.throw(
				_("Exchange Rate must be same as {0} {1} ({2})").format(
					_(doc.doctype), original.name, original.conversion_rate
				)
			)
	_validate_returned_items(doc, original)


def _validate_returned_items(doc, original) -> None:
	link = frappe.scrub(doc.doctype) + "_item"
	sold = {(item.item_code, item.name): item for item in original.items}
	by_code = {item.item_code: item for item in original.items}
	returned = _returned_quantities(doc.doctype, original.name)
	for item in doc.items:
		if not item.item_code or flt(item.qty) > 0:
			continue
		linked = item.get(link)
		reference = sold.get((item.item_code, linked)) if linked else by_code.get(item.item_code)
		if not reference:
			frappe.msgprint(
				_("Row {0}: returned item {1} is not in {2}").format(item.idx, item.item_code, original.name),
				raise_exception=bool(linked),
			)
			continue
		left = flt(reference.qty) - returned.get((item.item_code, linked), 0)
		if abs(flt(item.qty)) > flt(left, item.precision("qty")):
			frappe.throw(
				_("Row {0}: Cannot return more than {1} for Item {2}").format(item.idx, left, item.item_code),
				StockOverReturnError,
			)
		if doc.doctype == "Sales Invoice" and reference.rate and flt(item.rate) > reference.rate:
			frappe.throw(
				_("Row {0}: Rate cannot be greater than the rate used in {1}").format(item.idx, original.name)
			)


def _returned_quantities(doctype: str, name: str) -> dict[tuple, float]:
	"""{(item code, row of the original): quantity} of all submitted returns against the invoice."""
	returns = frappe.get_all(
		doctype, filters={"is_return": 1, "return_against": name, "docstatus": 1}, pluck="name"
	)
	if not returns:
		return {}
	link = frappe.scrub(doctype) + "_item"
	quantities: dict[tuple, float] = {}
	for row in frappe.get_all(
		f"{doctype} Item", filters={"parent": ["in", returns]}, fields=["item_code", "qty", link]
	):
		key = (row.item_code, row.get(link))
		quantities[key] = quantities.get(key, 0) + abs(row.qty)
	return quantities
