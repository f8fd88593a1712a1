# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Names of matching that older scripts import from the tool's module (PUBLIC_API.md), over the one ranking.

Queries are query-builder objects whose rows have the values of LINKED_PAYMENT, in that order and by these
names. As before, `paid_amount` is what a voucher is about until `subtract_allocations` has taken off what is
covered, and whoever calls checks permissions. None of it is registered as a hook.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import flt
from pypika.queries import QueryBuilder
from pypika.terms import Field

from advanced_bank_reconciliation.matching.candidates import (
	LINKED_PAYMENT,
	as_linked_payment,
	find_candidates,
	pseudo_doctype,
)
from advanced_bank_reconciliation.matching.document_types import (
	DOCUMENT_TYPES,
	EXACT_MATCH,
	parse_document_types,
)
from advanced_bank_reconciliation.matching.filters import MOST_ROWS, Filters, narrow_source, parse_filters
from advanced_bank_reconciliation.matching.queries.columns import allocations, constant
from advanced_bank_reconciliation.matching.ranking import Ranking
from advanced_bank_reconciliation.vouchers.links import BankLine


def check_matching(
	bank_account: str,
	company: str,
	transaction: Document,
	document_types: list | str | None = None,
	from_date: Any = None,
	to_date: Any = None,
	filter_by_reference_date: Any = None,
	from_reference_date: Any = None,
	to_reference_date: Any = None,
) -> list[list[Any]]:
	"""Return the rows of `get_linked_payments`, for `subtract_allocations` to make its amounts of.

	bank_account is its ledger account, company its company: both are the transaction's own, and not asked.
	"""
	request = {**locals(), "page_length": MOST_ROWS}
	line = BankLine(request.pop("transaction"))
	rows = find_candidates(line, parse_filters(request))["rows"]
	return [as_linked_payment(row, _amount_column(row["document_type"])) for row in rows]


def get_queries(
	bank_account: str,
	company: str,
	transaction: Document,
	document_types: list | str | None = None,
	from_date: Any = None,
	to_date: Any = None,
	filter_by_reference_date: Any = None,
	from_reference_date: Any = None,
	to_reference_date: Any = None,
	exact_match: Any = None,
	common_filters: Mapping[str, Any] | None = None,
) -> list[QueryBuilder]:
	"""Return a query for each asked document type of ours; other apps are asked by `check_matching`."""
	request = {key: value for key, value in locals().items() if key != "document_types"}
	asked = parse_document_types(document_types)
	filters = parse_filters({**request, "exact_amount": exact_match or EXACT_MATCH in asked})
	return [
		query for name in asked if name in DOCUMENT_TYPES for query in _queries(name, transaction, filters)
	]


def get_matching_queries(
	bank_account: str,
	company: str,
	transaction: Document,
	document_types: list | str | None = None,
	exact_match: Any = None,
	account_from_to: str | None = None,
	from_date: Any = None,
	to_date: Any = None,
	filter_by_reference_date: Any = None,
	from_reference_date: Any = None,
	to_reference_date: Any = None,
	common_filters: Mapping[str, Any] | None = None,
) -> list[QueryBuilder]:
	"""Return what `get_queries` returns, by the twelve arguments of ERPNext's contract (P37)."""
	return get_queries(
		bank_account,
		company,
		transaction,
		document_types,
		from_date,
		to_date,
		filter_by_reference_date,
		from_reference_date,
		to_reference_date,
		exact_match,
		common_filters,
	)


def get_pe_matching_query(
	exact_match: Any,
	account_from_to: str | None,
	transaction: Document,
	from_date: Any = None,
	to_date: Any = None,
	filter_by_reference_date: Any = None,
	from_reference_date: Any = None,
	to_reference_date: Any = None,
	common_filters: Mapping[str, Any] | None = None,
) -> QueryBuilder:
	"""Return the query of Payment Entries."""
	return _query("payment_entry", transaction, {**locals(), "exact_amount": exact_match})


def get_je_matching_query(
	exact_match: Any,
	transaction: Document,
	from_date: Any = None,
	to_date: Any = None,
	filter_by_reference_date: Any = None,
	from_reference_date: Any = None,
	to_reference_date: Any = None,
	common_filters: Mapping[str, Any] | None = None,
) -> QueryBuilder:
	"""Return the query of Journal Entries."""
	return _query("journal_entry", transaction, {**locals(), "exact_amount": exact_match})


def get_bt_matching_query(exact_match: Any, transaction: Document) -> QueryBuilder:
	"""Return the query of Bank Transactions of the opposite direction."""
	return _query("bank_transaction", transaction, {"exact_amount": exact_match})


def _invoice_query(document_type: str) -> Callable[..., QueryBuilder]:
	def query(
		exact_match: Any,
		currency: str,
		common_filters: Mapping[str, Any] | None = None,
		transaction: Document | None = None,
	) -> QueryBuilder:
		"""Return the query of the invoices. `transaction` is needed, like in newer versions of ERPNext."""
		if transaction is None:
			raise TypeError("the Bank Transaction is needed: transaction=...")
		return _query(document_type, transaction, {"exact_amount": exact_match})

	return query


get_si_matching_query = _invoice_query("sales_invoice")
get_pi_matching_query = _invoice_query("purchase_invoice")
get_unpaid_si_matching_query = _invoice_query("unpaid_sales_invoice")
get_unpaid_pi_matching_query = _invoice_query("unpaid_purchase_invoice")


def subtract_allocations(gl_account: str, vouchers: Iterable[Any]) -> list[Any]:
	"""Return the vouchers with what Bank Transactions of the ledger account cover taken off `paid_amount`.

	vouchers: dicts, or rows of `get_linked_payments`; they are changed.
	"""
	vouchers = list(vouchers)
	keys = [_key(voucher) for voucher in vouchers]
	allocated = {
		(doctype, name): amount
		for doctype in {doctype for doctype, _name in keys} - {"Bank Transaction"}
		for name, amount in allocations(
			doctype, [name for key_doctype, name in keys if key_doctype == doctype], gl_account
		).items()
	}
	for voucher, key in zip(vouchers, keys, strict=True):
		if key in allocated:
			place = "paid_amount" if isinstance(voucher, Mapping) else LINKED_PAYMENT.index("paid_amount")
			voucher[place] = flt(voucher[place] - allocated[key], 9)
	return vouchers


def get_allocated_amount(
	voucher_allocated_amounts: Mapping[tuple[str, str], Mapping[str, Any]], voucher: Any, gl_account: str
) -> float | None:
	"""Return `total` of the voucher on the account, from what ERPNext's `get_total_allocated_amount` returned."""
	by_account = voucher_allocated_amounts.get(_key(voucher)) or {}
	row = by_account.get(gl_account)
	return row.get("total") if row else None


def _amount_column(document_type: str) -> str:
	"""Nothing is subtracted later from what invoices still owe and Bank Transactions have left."""
	is_left = document_type.startswith("unpaid_") or document_type == "bank_transaction"
	return "remaining_amount" if is_left else "total_amount"


def _key(voucher: Any) -> tuple[str, str]:
	if isinstance(voucher, Mapping):
		return voucher.get("doctype"), voucher.get("name")
	return voucher[LINKED_PAYMENT.index("doctype")], voucher[LINKED_PAYMENT.index("name")]


def _query(name: str, transaction: Document, request: Mapping[str, Any]) -> QueryBuilder:
	return _queries(name, transaction, parse_filters({**request, "document_types": [name]}))[0]


def _queries(name: str, transaction: Document, filters: Filters) -> list[QueryBuilder]:
	line, kind = BankLine(transaction), DOCUMENT_TYPES[name]
	ranking = Ranking(line)
	found = []
	for source in kind.offer(line).sources:
		source = narrow_source(source, kind, filters, line)
		columns = source.columns
		values = {
			**{column: columns[column] for column in LINKED_PAYMENT if hasattr(columns, column)},
			"rank": ranking.points(columns, kind.is_unpaid, source.is_own_currency),
			"doctype": constant(pseudo_doctype(kind.doctype) if kind.is_unpaid else kind.doctype),
			"paid_amount": columns[_amount_column(name)],
			"currency": constant(line.currency),
		}
		query = source.query(*source.any_alternative()).select(
			*(values[key].as_(key) for key in LINKED_PAYMENT)
		)
		found.append(query.orderby(Field("rank"), order=frappe.qb.desc).orderby(Field("name")))
	return found
