# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from frappe.model.document import Document


class AccountingDimension(Document):
	"""Adds a dimension to all vouchers and ledgers. minibench knows only the built-in ones."""

	def validate(self) -> None:
		raise NotImplementedError("Accounting Dimensions of one's own are not in minibench")


def get_accounting_dimensions(as_list: bool = True, filters: dict | None = None) -> list:
	"""Field names (or rows) of the dimensions beyond cost center and project: none here."""
	return frappe.get_all("Accounting Dimension", filters=filters, pluck="fieldname" if as_list else None)


@frappe.whitelist()
def get_dimensions(with_cost_center_and_project=False):
	"""(dimensions, defaults by company)."""
	dimensions = frappe.get_all(
		"Accounting Dimension", fields=["label", "fieldname", "document_type"], filters={"disabled": 0}
	)
	if with_cost_center_and_project:
		dimensions += [
			frappe._dict(fieldname="cost_center", document_type="Cost Center"),
			frappe._dict(fieldname="project", document_type="Project"),
		]
	return dimensions, {}
