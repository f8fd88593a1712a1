# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The closed list of what can be asked for as `document_types` (PITFALLS P36)."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe import _

from advanced_bank_reconciliation.exceptions import BadPayload, refuse
from advanced_bank_reconciliation.matching.queries import (
	bank_transaction,
	expense_claim,
	journal_entry,
	paid_invoices,
	payment_entry,
	unpaid_invoices,
)
from advanced_bank_reconciliation.matching.queries.columns import Offer
from advanced_bank_reconciliation.vouchers.links import BankLine


@dataclass(frozen=True)
class DocumentType:
	"""A kind of candidate.

	offer: its sets of candidates for a Bank Transaction. is_unpaid: it needs a payment yet.
	has_reference_date: the reference-date filter replaces the date filter. is_optional: a site may not have
	the DocType.
	"""

	name: str
	doctype: str
	offer: Callable[[BankLine], Offer]
	is_unpaid: bool = False
	has_reference_date: bool = False
	is_optional: bool = False


DOCUMENT_TYPES = {
	document_type.name: document_type
	for document_type in (
		DocumentType("payment_entry", "Payment Entry", payment_entry.offer, has_reference_date=True),
		DocumentType("journal_entry", "Journal Entry", journal_entry.offer, has_reference_date=True),
		DocumentType("sales_invoice", "Sales Invoice", paid_invoices.offer_sales_invoices),
		DocumentType("purchase_invoice", "Purchase Invoice", paid_invoices.offer_purchase_invoices),
		DocumentType(
			"unpaid_sales_invoice", "Sales Invoice", unpaid_invoices.offer_sales_invoices, is_unpaid=True
		),
		DocumentType(
			"unpaid_purchase_invoice",
			"Purchase Invoice",
			unpaid_invoices.offer_purchase_invoices,
			is_unpaid=True,
		),
		DocumentType("bank_transaction", "Bank Transaction", bank_transaction.offer),
		DocumentType("expense_claim", "Expense Claim", expense_claim.offer, is_optional=True),
	)
}

DEFAULT = ("payment_entry", "journal_entry")

#: Not a type but a wish, which older callers send among the types.
EXACT_MATCH = "exact_match"

#: ERPNext's tool offers these; apps that provide them answer through the hook `get_matching_queries`.
FROM_PROVIDERS = ("loan_disbursement", "loan_repayment")


def parse_document_types(value: object) -> list[str]:
	"""Return the asked types without repetition; None means Payment Entry and Journal Entry.

	Raises BadPayload for anything but a list, or JSON text of one, of known names. Names are compared
	whole: `unpaid_sales_invoice` does not bring `sales_invoice` along (P36).
	"""
	if isinstance(value, str):
		try:
			value = json.loads(value) if value.strip() else None
		except ValueError:
			refuse(BadPayload, [_("Document types: this is not valid JSON.")])
	if value is None:
		return list(DEFAULT)
	if not isinstance(value, list | tuple):
		refuse(BadPayload, [_("Document types: a list is needed.")])
	known = {*DOCUMENT_TYPES, EXACT_MATCH, *FROM_PROVIDERS, *_types_of_other_apps()}
	unknown = [name for name in value if not isinstance(name, str) or name not in known]
	if unknown:
		names = ", ".join(str(name)[:40] for name in unknown[:10])
		refuse(
			BadPayload, [_("Document types: {0} is not among {1}.").format(names, ", ".join(sorted(known)))]
		)
	return list(dict.fromkeys(value))


def _types_of_other_apps() -> list[str]:
	doctypes = [
		*frappe.get_hooks("bank_reconciliation_doctypes"),
		*frappe.get_hooks("bank_rec_voucher_queries", {}),
	]
	return [frappe.scrub(doctype) for doctype in doctypes]
