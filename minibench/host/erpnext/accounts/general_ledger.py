# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Posting to the General Ledger: checking, merging and balancing a voucher's rows, and reversing them."""

import copy

import erpnext
import frappe
from erpnext.accounts.payment_ledger import create_payment_ledger_entry
from frappe import _
from frappe.model.meta import get_field_precision
from frappe.utils import flt, formatdate, getdate, now

MERGE_FIELDS = (
	"account",
	"cost_center",
	"party",
	"party_type",
	"voucher_detail_no",
	"against_voucher",
	"against_voucher_type",
	"project",
	"voucher_no",
)
SIDES = (
	("debit", "credit"),
	("debit_in_account_currency", "credit_in_account_currency"),
	("debit_in_transaction_currency", "credit_in_transaction_currency"),
)


def make_gl_entries(
	gl_map,
	cancel=False,
	adv_adj=False,
	merge_entries=True,
	update_outstanding="Yes",
	from_repost=False,
) -> None:
	"""Post a voucher's rows (dicts of GL Entry fields) with their Payment Ledger Entries, or reverse them.

	Raises ValidationError when debit and credit differ by more than a rounding, when the date is frozen, or
	when an account is disabled.
	"""
	if not gl_map:
		return
	if cancel:
		make_reverse_gl_entries(gl_map, adv_adj=adv_adj, update_outstanding=update_outstanding)
		return
	_validate_disabled_accounts(gl_map)
	gl_map = process_gl_map(gl_map, merge_entries)
	if not gl_map:
		return
	if len(gl_map) == 1:
		frappe.throw(_("A voucher needs at least two ledger rows. Is the same account on both sides?"))
	create_payment_ledger_entry(gl_map, adv_adj=adv_adj, update_outstanding=update_outstanding)
	_save_entries(gl_map, adv_adj, update_outstanding)


def _validate_disabled_accounts(gl_map) -> None:
	disabled = sorted(
		{
			row.account
			for row in gl_map
			if row.account and frappe.get_cached_value("Account", row.account, "disabled")
		}
	)
	if disabled:
		frappe.throw(
			_("Cannot create accounting entries against disabled accounts: {0}").format(", ".join(disabled)),
			title=_("Disabled Account Selected"),
		)


def process_gl_map(gl_map, merge_entries=True, precision=None, from_repost=False) -> list[dict]:
	"""Merge rows of the same account, party and reference, and turn negative amounts to the other side."""
	if not gl_map:
		return []
	if merge_entries:
		gl_map = merge_similar_entries(gl_map, precision)
	for row in gl_map:
		_turn_negative_sides(row)
	return gl_map


def merge_similar_entries(gl_map, precision=None) -> list[dict]:
	"""Add up rows that agree in MERGE_FIELDS and drop rows without amount (gain and loss journals keep them)."""
	merged: dict[tuple, dict] = {}
	for row in gl_map:
		key = tuple(row.get(field, "") for field in MERGE_FIELDS)
		if key not in merged:
			merged[key] = row
			continue
		same = merged[key]
		for pair in SIDES:
			for field in pair:
				same[field] = flt(same.get(field)) + flt(row.get(field))
	precision = precision or ledger_precision(gl_map[0].company)
	return [
		row
		for row in merged.values()
		if flt(row.debit, precision) or flt(row.credit, precision) or is_gain_loss_journal(row)
	]


def is_gain_loss_journal(row) -> bool:
	"""True for rows of a Journal Entry of type Exchange Gain Or Loss, which may hold amounts of zero."""
	return (
		row.voucher_type == "Journal Entry"
		and frappe.db.get_value("Journal Entry", row.voucher_no, "voucher_type") == "Exchange Gain Or Loss"
	)


def ledger_precision(company: str) -> int:
	"""Decimals of the ledger in the company's currency."""
	return get_field_precision(
		frappe.get_meta("GL Entry").get_field("debit"), currency=erpnext.get_company_currency(company)
	)


def _turn_negative_sides(row) -> None:
	for debit_field, credit_field in SIDES:
		debit, credit = flt(row.get(debit_field)), flt(row.get(credit_field))
		if debit < 0 and debit == credit:
			debit, credit = -debit, -credit
		if debit < 0:
			debit, credit = 0.0, credit - debit
		if credit < 0:
			debit, credit = debit - credit, 0.0
		if row.post_net_value and debit and credit:
			debit, credit = max(debit - credit, 0.0), max(credit - debit, 0.0)
		row[debit_field], row[credit_field] = debit, credit


def _save_entries(gl_map, adv_adj, update_outstanding) -> None:
	_settle_rounding_difference(gl_map)
	_check_freezing_date(gl_map[0].posting_date, adv_adj)
	for row in gl_map:
		_make_entry(row, adv_adj, update_outstanding)


def _make_entry(row, adv_adj, update_outstanding) -> None:
	entry = frappe.new_doc("GL Entry")
	entry.update(row)
	entry.flags.ignore_permissions = True
	entry.flags.adv_adj = adv_adj
	entry.flags.update_outstanding = update_outstanding or "Yes"
	entry.flags.notify_update = False
	entry.submit()


def _settle_rounding_difference(gl_map) -> None:
	"""Round every row; post a small difference to the round off account, refuse a larger one.

	Allowed are half a currency unit for invoices, 5 units of the last decimal for payments and journals.
	"""
	precision = ledger_precision(gl_map[0].company)
	exact = gl_map[0].voucher_type in ("Journal Entry", "Payment Entry")
	allowance = 5.0 / 10**precision if exact else 0.5
	difference, in_transaction_currency = _round_and_compare(gl_map, precision)
	if abs(difference) <= allowance and abs(difference) >= 1.0 / 10**precision:
		_add_round_off_row(gl_map, difference, in_transaction_currency, precision)
		difference, _in_transaction_currency = _round_and_compare(gl_map, precision)
	if abs(difference) > allowance and not is_gain_loss_journal(gl_map[0]):
		frappe.throw(
			_("Debit and Credit not equal for {0} {1}: the difference is {2}").format(
				gl_map[0].voucher_type, gl_map[0].voucher_no, difference
			)
		)


def _round_and_compare(gl_map, precision: int) -> tuple[float, float]:
	totals = [0.0, 0.0]
	for row in gl_map:
		for index, (debit_field, credit_field) in enumerate((SIDES[0], SIDES[2])):
			row[debit_field] = flt(row.get(debit_field), precision)
			row[credit_field] = flt(row.get(credit_field), precision)
			totals[index] += row[debit_field] - row[credit_field]
	return flt(totals[0], precision), flt(totals[1], precision)


def _add_round_off_row(gl_map, difference: float, in_transaction_currency: float, precision: int) -> None:
	"""Append the balancing row, or fold the difference into a round off row that is there already."""
	first = gl_map[0]
	account, cost_center, for_opening = get_round_off_account_and_cost_center(
		first.company, first.voucher_type, first.voucher_no
	)
	opening = any(row.is_opening == "Yes" for row in gl_map)
	if opening:
		if not for_opening:
			frappe.throw(_("Please set Round Off for Opening in Company {0}").format(first.company))
		account = for_opening
	existing = next((row for row in gl_map if row.account == account), None)
	if existing:
		difference -= flt(existing.debit) - flt(existing.credit)
		if abs(difference) < 1.0 / 10**precision:
			gl_map.remove(existing)
			return
	row = existing or frappe._dict(
		{
			field: first.get(field)
			for field in ("voucher_type", "voucher_no", "company", "posting_date", "remarks")
		}
	)
	row.update(
		account=account,
		debit=max(-difference, 0.0),
		credit=max(difference, 0.0),
		debit_in_account_currency=max(-difference, 0.0),
		credit_in_account_currency=max(difference, 0.0),
		debit_in_transaction_currency=max(-in_transaction_currency, 0.0),
		credit_in_transaction_currency=max(in_transaction_currency, 0.0),
		cost_center=cost_center,
		party_type=None,
		party=None,
		is_opening="Yes" if opening else "No",
		against_voucher_type=None,
		against_voucher=None,
	)
	if not existing:
		gl_map.append(row)


def get_round_off_account_and_cost_center(
	company, voucher_type, voucher_no, use_company_default=False
) -> tuple[str, str, str | None]:
	"""Round off account, cost center (the voucher's own first) and the account for opening entries."""
	defaults = frappe.get_cached_value(
		"Company",
		company,
		["round_off_account", "round_off_cost_center", "round_off_for_opening", "default_expense_account"],
		as_dict=True,
	)
	account = defaults.round_off_account or defaults.default_expense_account
	cost_center = defaults.round_off_cost_center
	if not use_company_default and frappe.get_meta(voucher_type).has_field("cost_center"):
		cost_center = frappe.db.get_value(voucher_type, voucher_no, "cost_center") or cost_center
	if not account:
		frappe.throw(_("Please set Round Off Account in Company {0}").format(company))
	if not cost_center:
		frappe.throw(_("Please set Round Off Cost Center in Company {0}").format(company))
	return account, cost_center, defaults.round_off_for_opening


def make_reverse_gl_entries(
	gl_entries=None,
	voucher_type=None,
	voucher_no=None,
	adv_adj=False,
	update_outstanding="Yes",
	partial_cancel=False,
) -> None:
	"""Cancel a voucher's ledger rows: mark them cancelled and add their mirror images, also marked.

	With an immutable ledger (Accounts Settings) nothing is marked and the mirror rows count, dated today.
	"""
	if partial_cancel:
		raise NotImplementedError("make_reverse_gl_entries(partial_cancel=True) is not in minibench")
	gl_entries = gl_entries or _posted_rows(voucher_type, voucher_no)
	if not gl_entries:
		return
	immutable = frappe.db.get_single_value("Accounts Settings", "enable_immutable_ledger")
	create_payment_ledger_entry(gl_entries, cancel=1, adv_adj=adv_adj, update_outstanding=update_outstanding)
	_check_freezing_date(gl_entries[0].posting_date, adv_adj)
	if not immutable:
		_mark_cancelled(gl_entries)
	for row in gl_entries:
		mirror = copy.deepcopy(row)
		for debit_field, credit_field in SIDES:
			mirror[debit_field], mirror[credit_field] = row.get(credit_field, 0), row.get(debit_field, 0)
		mirror.name = None
		mirror.remarks = f"On cancellation of {row.voucher_no}"
		mirror.is_cancelled = 0 if immutable else 1
		if immutable:
			mirror.posting_date = frappe.form_dict.get("posting_date") or getdate()
		if mirror.debit or mirror.credit:
			_make_entry(mirror, adv_adj, "Yes")


def _posted_rows(voucher_type, voucher_no) -> list[dict]:
	gle = frappe.qb.DocType("GL Entry")
	return (
		frappe.qb.from_(gle)
		.select("*")
		.where((gle.voucher_type == voucher_type) & (gle.voucher_no == voucher_no) & (gle.is_cancelled == 0))
		.for_update()
		.run(as_dict=True)
	)


def _mark_cancelled(gl_entries) -> None:
	"""All rows of the voucher, or exactly the given ones when every row has a name."""
	gle = frappe.qb.DocType("GL Entry")
	names = [row.get("name") for row in gl_entries]
	query = (
		frappe.qb.update(gle)
		.set(gle.is_cancelled, 1)
		.set(gle.modified, now())
		.set(gle.modified_by, frappe.session.user)
		.where(gle.is_cancelled == 0)
	)
	if all(names):
		query = query.where(gle.name.isin(names))
	else:
		first = gl_entries[0]
		query = query.where((gle.voucher_type == first.voucher_type) & (gle.voucher_no == first.voucher_no))
	query.run()


def _check_freezing_date(posting_date, adv_adj=False) -> None:
	"""Refuse a date up to Accounts Settings' frozen date, except for the role that may modify it."""
	if adv_adj:
		return
	frozen_upto = frappe.db.get_single_value("Accounts Settings", "acc_frozen_upto")
	if not frozen_upto or getdate(posting_date) > getdate(frozen_upto):
		return
	role = frappe.db.get_single_value("Accounts Settings", "frozen_accounts_modifier")
	if role not in frappe.get_roles() or frappe.session.user == "Administrator":
		frappe.throw(
			_("You are not authorized to add or update entries before {0}").format(formatdate(frozen_upto))
		)
