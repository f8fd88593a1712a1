# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Which invoices a command means: those of a CSV, or the open ones of a party."""

from collections.abc import Sequence

import frappe

from advanced_bank_reconciliation.commands.csv_file import BadFile, Row
from advanced_bank_reconciliation.payload import INVOICE_DOCTYPES, MOST_ROWS, Request, parse_invoices
from advanced_bank_reconciliation.permissions import may_read, permitted
from advanced_bank_reconciliation.vouchers.bank_line import BankLine
from advanced_bank_reconciliation.vouchers.parties import INVOICE_PARTY

INVOICES_OF = {party_type: doctype for doctype, (party_type, _field, _account) in INVOICE_PARTY.items()}


def from_rows(rows: Sequence[Row]) -> list[Request]:
	"""Return what the rows of a CSV ask for. Raises BadFile that names every line without its invoice.

	A number without a type is that of a Sales Invoice or a Purchase Invoice, whichever there is; where both
	have it, the line must say which.
	"""
	readable = [doctype for doctype in INVOICE_DOCTYPES if may_read(doctype)]
	possible = {row: [row.invoice_type] if row.invoice_type else readable for row in rows}
	found = permitted((doctype, row.invoice) for row, doctypes in possible.items() for doctype in doctypes)
	requests, problems = [], []
	for row in rows:
		doctypes = [doctype for doctype in possible[row] if (doctype, row.invoice) in found]
		if len(doctypes) == 1:
			requests.append({"doctype": doctypes[0], "name": row.invoice, "allocated_amount": row.amount})
		elif doctypes:
			problems.append(f"line {row.line}: {row.invoice} is the number of two invoices; say invoice_type")
		else:
			problems.append(f"line {row.line}: there is no invoice {row.invoice}, or you may not read it")
	if problems:
		raise BadFile(problems)
	return parse_invoices(requests)


def open_invoices(line: BankLine, party_type: str, party: str, with_returns: bool) -> list[Request]:
	"""Return the party's open invoices that the line can settle, as far as the user may see them.

	These are the ones whose money flows in the line's direction, `with_returns` also the others, which are
	netted with them. The oldest due ones, if there are more than a job takes.
	"""
	doctype = INVOICES_OF[party_type]
	filters = {
		"docstatus": 1,
		"company": line.doc.company,
		INVOICE_PARTY[doctype][1]: party,
		"outstanding_amount": ("!=", 0) if with_returns else (">" if line.flows_with(doctype) else "<", 0),
	}
	names = frappe.get_list(
		doctype, filters=filters, pluck="name", order_by="due_date, name", limit_page_length=MOST_ROWS
	)
	return parse_invoices([{"doctype": doctype, "name": name} for name in names])
