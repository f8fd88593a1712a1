# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Bank Transactions that are changed by others: ERPNext's form and tool, an import, a cancelled voucher.

ERPNext allocates rows without an amount, writes a clearance date when a voucher is linked, and empties it
when the row goes, whatever other lines still cover and on every payment row of an invoice (PITFALLS P16,
P29). These handlers of `doc_events` compute the dates anew afterwards, and refuse what ERPNext lets pass.
What this app saves itself is checked already (`save_checked`).
"""

from collections.abc import Collection

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, flt, fmt_money, get_link_to_form

from advanced_bank_reconciliation.exceptions import SelectionRefused, refuse
from advanced_bank_reconciliation.vouchers.bank_ledger import BankLegs, VoucherKey, read_bank_legs
from advanced_bank_reconciliation.vouchers.bank_line import BANK_TRANSACTION, BankLine
from advanced_bank_reconciliation.vouchers.clearance import recompute_clearance
from advanced_bank_reconciliation.vouchers.line_links import mirror_amended


def before_submit(bank_transaction: Document, _method: str | None = None) -> None:
	"""Check the rows that a Bank Transaction brings along: an amended one, one from an import."""
	if bank_transaction.payment_entries:
		_check(bank_transaction, _linked(bank_transaction).keys(), unallocated_before=0.0)


def on_submit(bank_transaction: Document, _method: str | None = None) -> None:
	"""Set the clearance dates of what came along, and give linked Bank Transactions their row."""
	keys = list(_linked(bank_transaction))
	if not keys:
		return
	mirror_amended(bank_transaction)
	recompute_clearance(keys)


def before_update_after_submit(bank_transaction: Document, _method: str | None = None) -> None:
	"""Check the rows that were added or got another amount."""
	if bank_transaction.flags.abr_checked:
		return
	before, now = _before(bank_transaction), _linked(bank_transaction)
	changed = {key for key, amount in now.items() if before.get(key) != amount}
	if changed:
		left = flt(bank_transaction.get_doc_before_save().unallocated_amount)
		_check(bank_transaction, changed, unallocated_before=min(left, 0.0))


def on_update_after_submit(bank_transaction: Document, _method: str | None = None) -> None:
	"""Compute clearance anew for every voucher whose row came, went, or got another amount."""
	if bank_transaction.flags.abr_checked:
		return
	before, now = _before(bank_transaction), _linked(bank_transaction)
	changed = [key for key in {**before, **now} if before.get(key) != now.get(key)]
	if not changed:
		return
	recompute_clearance(changed)
	_tell_of_cancelled_vouchers(bank_transaction, {key: before[key] for key in changed if key not in now})


def on_cancel(bank_transaction: Document, _method: str | None = None) -> None:
	"""Compute the clearance of every voucher that was linked from what other lines still cover (P16)."""
	recompute_clearance(_linked(bank_transaction))


def _linked(bank_transaction: Document) -> dict[VoucherKey, float]:
	precision = bank_transaction.precision("unallocated_amount")
	return {
		(row.payment_document, row.payment_entry): flt(row.allocated_amount, precision)
		for row in bank_transaction.payment_entries
	}


def _before(bank_transaction: Document) -> dict[VoucherKey, float]:
	before = bank_transaction.get_doc_before_save()
	return _linked(before) if before else {}


def _check(bank_transaction: Document, keys: Collection[VoucherKey], unallocated_before: float) -> None:
	"""Refuse rows that cannot be: beyond the line (P28) or the voucher, or without any movement here (P01).

	ERPNext checks none of this for a row that has an amount. Judged is by ERPNext's own measure, what a
	voucher moves in either direction, so that nothing is refused which its tool offers; a voucher that only
	moves against the line is (P24).
	"""
	line = BankLine(bank_transaction)
	problems = []
	if line.unallocated_amount < flt(unallocated_before, line.precision):
		problems.append(
			_("Bank Transaction {0}: its vouchers add up to {1} more than its amount.").format(
				bank_transaction.name, line.money(-line.unallocated_amount)
			)
		)
	amounts = _linked(bank_transaction)
	vouchers = [key for key in keys if key[0] != BANK_TRANSACTION]
	legs = read_bank_legs(vouchers, besides=bank_transaction.name)
	problems += [_why_not(line, key, amounts[key], legs[key]) for key in vouchers]
	if problems := [problem for problem in problems if problem]:
		refuse(SelectionRefused, problems)


def _why_not(line: BankLine, key: VoucherKey, amount: float, legs: BankLegs) -> str | None:
	voucher = f"{_(key[0])} {key[1]}"
	inward, outward = legs.inward.get(line.gl_account, 0.0), legs.outward.get(line.gl_account, 0.0)
	if not inward and not outward:
		return _(
			"{0}: moves nothing on {1}, so it cannot be linked. An unpaid invoice needs a payment."
		).format(voucher, line.gl_account)
	gives_back = amount < 0  # older links that are netted against the line's other vouchers
	if not (inward if line.is_deposit != gives_back else outward):
		moved = line.money(legs.moved[line.gl_account])
		return _("{0}: moves {1} on {2}, against the direction of this Bank Transaction.").format(
			voucher, moved, line.gl_account
		)
	left = flt(inward + outward - legs.covered.get(line.gl_account, 0.0), line.precision)
	if flt(abs(amount), line.precision) > max(left, 0.0):
		return _(
			"{0}: {1} is allocated to it, but only {2} is not covered by other Bank Transactions."
		).format(voucher, line.money(abs(amount)), line.money(max(left, 0.0)))
	return None


def _tell_of_cancelled_vouchers(bank_transaction: Document, removed: dict[VoucherKey, float]) -> None:
	"""ERPNext frees the line of a cancelled voucher without a word: say it once, and keep it on record (P64)."""
	for (doctype, name), amount in removed.items():
		if frappe.db.get_value(doctype, name, "docstatus") != 2:
			continue
		money = fmt_money(amount, currency=bank_transaction.currency)
		bank_transaction.add_comment(
			"Info",
			_("{0} cancelled {1} {2}, so its {3} are unallocated again.").format(
				escape_html(frappe.session.user), _(doctype), get_link_to_form(doctype, name), money
			),
		)
		frappe.msgprint(
			_("{0} {1} was reconciled with Bank Transaction {2}; {3} of it are unallocated again.").format(
				_(doctype),
				escape_html(name),
				get_link_to_form(BANK_TRANSACTION, bank_transaction.name),
				money,
			),
			title=_("Bank Reconciliation"),
			indicator="orange",
		)
