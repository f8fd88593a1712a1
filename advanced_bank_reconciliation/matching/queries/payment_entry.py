# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Payment Entries that have not cleared this bank account."""

from decimal import Decimal

import frappe
from frappe.query_builder.functions import Coalesce
from pypika.queries import Table
from pypika.terms import Case, Criterion, Field

from advanced_bank_reconciliation.matching.queries.columns import (
	Columns,
	Hint,
	Offer,
	Piece,
	Source,
	half_unit,
	in_own_currency,
	not_linked_to,
	remaining,
)
from advanced_bank_reconciliation.vouchers.links import BankLine


def offer(line: BankLine) -> Offer:
	"""Return the Payment Entries, internal transfers too, that move money in the line's direction."""
	entry = frappe.qb.DocType("Payment Entry")
	amount, after_tax = _bank_leg(entry, line)
	moved = Case().when(after_tax != 0, after_tax).else_(amount)
	left = remaining(moved, entry.name, "Payment Entry", line)
	return Offer(
		[
			Source(
				doctype="Payment Entry",
				table=entry,
				base=frappe.qb.from_(entry),
				columns=Columns(
					name=entry.name,
					reference_no=entry.reference_no,
					reference_date=entry.reference_date,
					posting_date=entry.posting_date,
					party_type=entry.party_type,
					party=entry.party,
					party_name=entry.party_name,
					total_amount=moved,
					oldest_by=Coalesce(entry.reference_date, entry.posting_date),
					**in_own_currency(line, left),
				),
				conditions=[
					(entry.paid_to if line.is_deposit else entry.paid_from) == line.gl_account,
					entry.clearance_date.isnull(),
					entry.docstatus == 1,
					entry.company == line.doc.company,
					entry.payment_type.isin(["Receive" if line.is_deposit else "Pay", "Internal Transfer"]),
					*not_linked_to(entry, "Payment Entry", line),
					left > 0,
				],
				pieces=[
					Piece(entry.reference_date.notnull(), entry.reference_date),
					Piece(entry.reference_date.isnull(), entry.posting_date),
				],
				by_date="abr_received_by_date" if line.is_deposit else "abr_paid_by_date",
				by_party="abr_by_party",
				amount_hints=lambda effect: _amount_hints(entry, line, effect),
				untouched=lambda amounts: [after_tax.isin(amounts), (after_tax == 0) & amount.isin(amounts)],
			)
		]
	)


def _bank_leg(entry: Table, line: BankLine) -> tuple[Field, Field]:
	"""What the entry moves on the bank account, in that account's currency (PITFALLS P18): (amount, after tax).

	Entries from before ERPNext knew taxes on payments have nothing in the after-tax field.
	"""
	if line.is_deposit:
		return entry.received_amount, entry.received_amount_after_tax
	return entry.paid_amount, entry.paid_amount_after_tax


def _amount_hints(entry: Table, line: BankLine, effect: Decimal) -> list[Hint]:
	"""Untouched entries are found by their amount, those that are covered in part by their links."""
	amount, after_tax = _bank_leg(entry, line)
	half = half_unit(line.precision)
	link = frappe.qb.DocType("Bank Transaction Payments")
	linked = frappe.qb.from_(link).select(link.payment_entry).where(link.payment_document == "Payment Entry")
	index = "abr_received_by_amount" if line.is_deposit else "abr_paid_by_amount"
	return [
		Hint(after_tax == effect, index),
		Hint((after_tax == 0) & amount[effect - half : effect + half], index),
		Hint(after_tax[effect - half : effect + half] & (after_tax != effect), index),
		Hint(entry.name.isin(linked) & ((amount > effect) | (after_tax > effect))),
	]
