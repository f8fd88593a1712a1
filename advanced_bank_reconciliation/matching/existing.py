# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Says of an unpaid invoice that a payment of its party over the same amount is there already (P43)."""

import frappe
from frappe import _
from frappe.utils import flt

from advanced_bank_reconciliation.matching.document_types import DOCUMENT_TYPES, DocumentType
from advanced_bank_reconciliation.matching.queries.columns import Source
from advanced_bank_reconciliation.permissions import may_read, readable_conditions
from advanced_bank_reconciliation.vouchers.links import BankLine

KINDS = ("payment_entry", "journal_entry")

#: Of so many open vouchers of the parties and amounts on a page, the first in name are looked at. Those that
#: Bank Transactions cover in part are left aside.
MOST_VOUCHERS = 2000


def add_notices(page: list[frappe._dict], line: BankLine) -> None:
	"""Set `notice` on the unpaid invoices for which a voucher is open that goes the line's way."""
	invoices = [
		row for row in page if row.document_type.startswith("unpaid_") and (row.get("effect") or 0) > 0
	]
	if not invoices:
		return
	open_vouchers: dict[tuple, str] = {}
	for kind in (DOCUMENT_TYPES[name] for name in KINDS):
		if may_read(kind.doctype):
			for key, name in _open_vouchers(kind, line, invoices):
				open_vouchers.setdefault(key, name)
	for row in invoices:
		if name := open_vouchers.get(_key(row, line)):
			row.notice = _("{0} over the same amount is open: match it instead.").format(name)


def _open_vouchers(
	kind: DocumentType, line: BankLine, invoices: list[frappe._dict]
) -> list[tuple[tuple, str]]:
	found = []
	for source in kind.offer(line).sources:
		columns = source.columns
		source.narrowing += readable_conditions(kind.doctype)
		amounts = sorted({flt(row.effect, line.precision) for row in invoices})
		rows = []
		for hint in source.untouched(amounts) if source.untouched else [columns.effect.isin(amounts)]:
			rows += (
				source.query(hint)
				.select(columns.name, *(columns[key].as_(key) for key in ("party_type", "party", "effect")))
				.where(columns.effect.isin(amounts))
				.where(columns.party.isin(sorted({row.party for row in invoices if row.party})))
				.orderby(columns.name)
				.limit(MOST_VOUCHERS)
				.run(as_dict=True)
			)
		found += [(_key(row, line), row.name) for row in sorted(rows, key=lambda row: row.name)]
	return found


def _key(row: frappe._dict, line: BankLine) -> tuple:
	return (row.party_type, row.party, flt(row.effect, line.precision))
