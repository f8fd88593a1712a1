# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Payment Ledger Entries: writing them from General Ledger rows, and the outstanding amounts they add up to."""

import erpnext
import frappe
from frappe.query_builder.functions import Max, Min, Sum
from frappe.utils import flt, getdate, now, nowdate

INVOICE_DOCTYPES = ("Sales Invoice", "Purchase Invoice")


def create_payment_ledger_entry(
	gl_entries, cancel=0, adv_adj=0, update_outstanding="Yes", from_repost=0, partial_cancel=False
) -> None:
	"""Write one Payment Ledger Entry for each General Ledger row on a receivable or payable account.

	With `cancel` the voucher's earlier entries are delinked and the new ones are their delinked reversal.
	"""
	for values in _payment_ledger_rows(gl_entries or [], cancel):
		entry = frappe.get_doc(values)
		if cancel:
			_delink_original_entry(entry)
		entry.flags.ignore_permissions = True
		entry.flags.adv_adj = adv_adj
		entry.flags.update_outstanding = update_outstanding
		entry.submit()


def _payment_ledger_rows(gl_entries, cancel) -> list[dict]:
	rows = []
	for gle in gl_entries:
		account_type = frappe.get_cached_value("Account", gle.account, "account_type")
		if account_type not in ("Receivable", "Payable"):
			continue
		sign = 1 if account_type == "Receivable" else -1
		if cancel:
			sign = -sign
		rows.append(
			frappe._dict(
				doctype="Payment Ledger Entry",
				account_type=account_type,
				amount=sign * (flt(gle.debit) - flt(gle.credit)),
				amount_in_account_currency=sign
				* (flt(gle.debit_in_account_currency) - flt(gle.credit_in_account_currency)),
				against_voucher_type=gle.against_voucher_type or gle.voucher_type,
				against_voucher_no=gle.against_voucher or gle.voucher_no,
				delinked=1 if cancel else 0,
				**{field: gle.get(field) for field in _COPIED_FIELDS},
			)
		)
	return rows


_COPIED_FIELDS = (
	"posting_date",
	"company",
	"account",
	"party_type",
	"party",
	"cost_center",
	"due_date",
	"voucher_type",
	"voucher_no",
	"voucher_detail_no",
	"account_currency",
	"remarks",
)


def _delink_original_entry(entry) -> None:
	ple = frappe.qb.DocType("Payment Ledger Entry")
	query = (
		frappe.qb.update(ple)
		.set(ple.delinked, 1)
		.set(ple.modified, now())
		.set(ple.modified_by, frappe.session.user)
	)
	for field in ("voucher_type", "voucher_no", "against_voucher_type", "against_voucher_no"):
		query = query.where(ple[field] == entry.get(field))
	for field in ("company", "account_type", "account", "party_type", "party"):
		query = query.where(ple[field] == entry.get(field))
	query.run()


def get_voucher_outstandings(vouchers=None, filters: dict | None = None, get_invoices=False) -> list[dict]:
	"""What each voucher posted to party accounts and what is left of it.

	vouchers: dicts with voucher_type and voucher_no, or None for all. filters: fields of Payment Ledger Entry
	that both sums are limited to. get_invoices: only vouchers with something left to receive or pay.
	Returns dicts with account, voucher_type, voucher_no, party_type, party, posting_date, due_date, currency,
	and in company and account currency: invoice_amount, outstanding (…_in_account_currency).
	"""
	amounts = _ledger_sums("voucher", vouchers, filters)
	left = {_voucher_key(row): row for row in _ledger_sums("against_voucher", vouchers, filters)}
	result = []
	for row in amounts:
		rest = left.get(_voucher_key(row)) or frappe._dict()
		if get_invoices and not flt(rest.amount_in_account_currency) > 0:
			continue
		result.append(
			frappe._dict(
				row,
				invoice_amount=row.amount,
				invoice_amount_in_account_currency=row.amount_in_account_currency,
				outstanding=rest.amount,
				outstanding_in_account_currency=rest.amount_in_account_currency,
			)
		)
	return result


def _voucher_key(row) -> tuple:
	return (row.account, row.voucher_type, row.voucher_no, row.party_type, row.party)


def _ledger_sums(side: str, vouchers, filters: dict | None) -> list[dict]:
	"""Sum of linked entries per voucher; `side` is "voucher" or "against_voucher"."""
	ple = frappe.qb.DocType("Payment Ledger Entry")
	voucher_type, voucher_no = ple[f"{side}_type"], ple[f"{side}_no"]
	query = (
		frappe.qb.from_(ple)
		.select(
			Min(ple.account).as_("account"),
			voucher_type.as_("voucher_type"),
			voucher_no.as_("voucher_no"),
			ple.party_type,
			ple.party,
			Min(ple.posting_date).as_("posting_date"),
			Min(ple.due_date).as_("due_date"),
			Max(ple.account_currency).as_("currency"),
			Sum(ple.amount).as_("amount"),
			Sum(ple.amount_in_account_currency).as_("amount_in_account_currency"),
		)
		.where(ple.delinked == 0)
		.groupby(voucher_type, voucher_no, ple.party_type, ple.party)
	)
	if vouchers:
		query = query.where(voucher_type.isin(sorted({voucher["voucher_type"] for voucher in vouchers})))
		query = query.where(voucher_no.isin(sorted({voucher["voucher_no"] for voucher in vouchers})))
	for field, value in (filters or {}).items():
		query = query.where(ple[field] == value)
	return query.run(as_dict=True)


def update_voucher_outstanding(voucher_type, voucher_no, account, party_type, party) -> None:
	"""Write an invoice's outstanding amount and status from the Payment Ledger.

	Nothing happens for other vouchers, and for a cancelled invoice, which has no linked entry any more.
	"""
	if voucher_type not in INVOICE_DOCTYPES or not (party_type and party):
		return
	filters = {"party_type": party_type, "party": party}
	if account:
		filters["account"] = account
	rows = get_voucher_outstandings([{"voucher_type": voucher_type, "voucher_no": voucher_no}], filters)
	if not rows:
		return
	invoice = frappe.get_doc(voucher_type, voucher_no)
	invoice.outstanding_amount = flt(
		rows[0].outstanding_in_account_currency, invoice.precision("outstanding_amount")
	)
	frappe.db.set_value(voucher_type, voucher_no, "outstanding_amount", invoice.outstanding_amount)
	invoice.set_status(update=True)


def get_outstanding_invoices(
	party_type, party, account: list[str], company=None, vouchers=None
) -> list[dict]:
	"""Vouchers of the party on `account[0]` with something left, earliest due first.

	Purchase Invoices on hold until a later day are left out. Returns dicts with voucher_type, voucher_no,
	posting_date, due_date, account, currency, and in the account's currency invoice_amount, payment_amount
	and outstanding_amount.
	"""
	filters = {
		"account_type": frappe.get_cached_value("Account", account[0], "account_type")
		or erpnext.get_party_account_type(party_type),
		"account": account[0],
		"party_type": party_type,
		"party": party,
	}
	if company:
		filters["company"] = company
	held = _held_invoices() if party_type == "Supplier" else set()
	smallest = 0.5 / 10 ** (frappe.get_precision("Sales Invoice", "outstanding_amount") or 2)
	invoices = []
	for row in get_voucher_outstandings(vouchers, filters, get_invoices=True):
		outstanding = flt(row.outstanding_in_account_currency)
		if outstanding <= smallest or (row.voucher_type == "Purchase Invoice" and row.voucher_no in held):
			continue
		invoices.append(
			frappe._dict(
				voucher_type=row.voucher_type,
				voucher_no=row.voucher_no,
				posting_date=row.posting_date,
				due_date=row.due_date,
				account=row.account,
				currency=row.currency,
				invoice_amount=flt(row.invoice_amount_in_account_currency),
				payment_amount=flt(row.invoice_amount_in_account_currency) - outstanding,
				outstanding_amount=outstanding,
			)
		)
	return sorted(invoices, key=lambda row: getdate(row.due_date or nowdate()))


def _held_invoices() -> set[str]:
	return set(
		frappe.get_all(
			"Purchase Invoice", filters={"on_hold": 1, "release_date": [">", nowdate()]}, pluck="name"
		)
	)
