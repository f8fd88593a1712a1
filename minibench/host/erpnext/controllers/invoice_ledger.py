# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Ledger rows of an invoice: the party's row, rows for items and taxes, payments at once, write off, rounding."""

import erpnext
from erpnext.accounts.general_ledger import (
	get_round_off_account_and_cost_center,
	make_gl_entries,
	make_reverse_gl_entries,
	merge_similar_entries,
)
from erpnext.accounts.utils import get_account_currency, update_voucher_outstanding
from erpnext.controllers.accounts_controller import set_balance_in_account_currency
from frappe import _
from frappe.utils import flt

_OTHER_SIDE = {"debit": "credit", "credit": "debit"}


class InvoiceLedger:
	"""Rows of one invoice. `party_side` is debit for sales and credit for purchases."""

	def __init__(self, invoice, party_side: str):
		self.invoice = invoice
		self.party_side = party_side
		self.item_side = _OTHER_SIDE[party_side]

	def post(self, paid_at_once: bool) -> None:
		"""Post the submitted invoice, or reverse the cancelled one, and settle its outstanding amount.

		paid_at_once: payments or a write off inside the invoice are posted too, so the outstanding amount is
		only written when all rows are there.
		"""
		invoice = self.invoice
		update_outstanding = "No" if paid_at_once else "Yes"
		if invoice.docstatus == 1:
			make_gl_entries(self.rows(), merge_entries=False, update_outstanding=update_outstanding)
		elif invoice.docstatus == 2:
			make_reverse_gl_entries(voucher_type=invoice.doctype, voucher_no=invoice.name)
		if paid_at_once:
			update_voucher_outstanding(
				invoice.doctype,
				invoice.return_against if invoice.is_return and invoice.return_against else invoice.name,
				invoice.party_account,
				invoice.party_type,
				invoice.party,
			)

	def rows(self) -> list[dict]:
		"""All rows, with transaction currency; see the module's docstring for their order."""
		invoice = self.invoice
		rows = [*self._party_row(), *self._tax_rows(), *self._item_rows(), *self._precision_loss_row()]
		rows = merge_similar_entries(rows)
		rows += [*self._payment_rows(), *self._write_off_rows(), *self._rounding_row()]
		for row in rows:
			row.transaction_currency = invoice.currency
			row.transaction_exchange_rate = invoice.conversion_rate or 1
		return rows

	def row(self, account: str, side: str, base_amount: float, amount: float, **values) -> dict:
		"""A row on `account`: base_amount in company currency, amount in the invoice's currency."""
		invoice = self.invoice
		currency = get_account_currency(account)
		row = invoice.get_gl_dict(
			{
				"account": account,
				side: base_amount,
				f"{side}_in_account_currency": base_amount
				if currency == invoice.company_currency
				else amount,
				f"{side}_in_transaction_currency": amount,
				**values,
			}
		)
		set_balance_in_account_currency(row, currency, invoice.conversion_rate, invoice.company_currency)
		return row

	def _on_party(self, side: str, base_amount: float, amount: float, against: str, **values) -> dict:
		invoice = self.invoice
		return self.row(
			invoice.party_account,
			side,
			base_amount,
			amount,
			party_type=invoice.party_type,
			party=invoice.party,
			against=against,
			against_voucher_type=invoice.doctype,
			cost_center=invoice.cost_center,
			**values,
		)

	def _settled_voucher(self) -> str:
		"""The invoice whose outstanding amount the rows count for: a return may count for its original."""
		invoice = self.invoice
		if invoice.is_return and invoice.return_against and not invoice.update_outstanding_for_self:
			return invoice.return_against
		return invoice.name

	def _party_row(self) -> list[dict]:
		invoice = self.invoice
		total, base_total = invoice.grand_total, invoice.base_grand_total
		if invoice.rounding_adjustment and invoice.rounded_total:
			total = invoice.rounded_total
		if invoice.base_rounding_adjustment and invoice.base_rounded_total:
			base_total = invoice.base_rounded_total
		if not total:
			return []
		return [
			self._on_party(
				self.party_side,
				flt(base_total, invoice.precision("base_grand_total")),
				total,
				against=invoice.get(invoice.against_field),
				against_voucher=self._settled_voucher(),
				due_date=invoice.due_date,
				project=invoice.project,
			)
		]

	def _tax_rows(self) -> list[dict]:
		rows = []
		for tax in self.invoice.get("taxes"):
			base_amount = flt(tax.base_tax_amount_after_discount_amount)
			if not base_amount or tax.get("category") == "Valuation":
				continue
			side = self.party_side if tax.get("add_deduct_tax") == "Deduct" else self.item_side
			rows.append(
				self.row(
					tax.account_head,
					side,
					base_amount,
					tax.tax_amount_after_discount_amount,
					against=self.invoice.party,
					cost_center=tax.cost_center,
				)
			)
		return rows

	def _item_rows(self) -> list[dict]:
		invoice = self.invoice
		return [
			self.row(
				item.get(invoice.item_account_field),
				self.item_side,
				flt(item.base_net_amount, item.precision("base_net_amount")),
				flt(item.net_amount, item.precision("net_amount")),
				against=invoice.party,
				cost_center=item.cost_center,
				project=item.project or invoice.project,
			)
			for item in invoice.items
			if flt(item.base_net_amount)
		]

	def _round_off(self) -> tuple[str, str]:
		invoice = self.invoice
		account, cost_center, for_opening = get_round_off_account_and_cost_center(
			invoice.company, invoice.doctype, invoice.name, invoice.use_company_roundoff_cost_center
		)
		if invoice.is_opening == "Yes" and for_opening:
			account = for_opening
		if not invoice.use_company_roundoff_cost_center:
			cost_center = invoice.cost_center or cost_center
		return account, cost_center

	def _precision_loss_row(self) -> list[dict]:
		"""Converted rows may not add up to the converted total."""
		invoice = self.invoice
		loss = flt(
			invoice.base_net_total
			- flt(invoice.net_total * invoice.conversion_rate, invoice.precision("net_total")),
			9,
		)
		if not loss:
			return []
		account, cost_center = self._round_off()
		return [
			self.row(
				account,
				self.party_side,
				loss,
				0,
				against=invoice.party,
				cost_center=cost_center,
				remarks=_("Net total calculation precision loss"),
			)
		]

	def _rounding_row(self) -> list[dict]:
		invoice = self.invoice
		if not (invoice.rounding_adjustment and invoice.base_rounding_adjustment):
			return []
		account, cost_center = self._round_off()
		row = self.row(
			account,
			self.item_side,
			invoice.base_rounding_adjustment,
			invoice.rounding_adjustment if self.party_side == "debit" else 0,
			against=invoice.party,
			cost_center=cost_center,
		)
		row[f"{self.item_side}_in_account_currency"] = invoice.rounding_adjustment
		return [row]

	def _write_off_rows(self) -> list[dict]:
		invoice = self.invoice
		base_amount, amount = flt(invoice.base_write_off_amount), flt(invoice.write_off_amount)
		if not (invoice.write_off_account and amount):
			return []
		cost_center = invoice.cost_center or invoice.write_off_cost_center
		if self.party_side == "debit":
			cost_center = cost_center or erpnext.get_default_cost_center(invoice.company)
		return self._settling_rows(invoice.write_off_account, base_amount, amount, cost_center)

	def _payment_rows(self) -> list[dict]:
		"""Money paid with the invoice itself; see `payments_at_once` of the invoice's controller."""
		rows = []
		for account, base_amount, amount in self.invoice.payments_at_once():
			rows += self._settling_rows(account, base_amount, amount, cost_center=self.invoice.cost_center)
		return rows

	def _settling_rows(
		self, account: str, base_amount: float, amount: float, cost_center: str | None
	) -> list[dict]:
		"""Two rows that take an amount off the party and put it on `account`; negative amounts turn round."""
		invoice = self.invoice
		return [
			self._on_party(
				self.item_side,
				base_amount,
				amount,
				against=account,
				against_voucher=self._settled_voucher(),
			),
			self.row(
				account, self.party_side, base_amount, amount, against=invoice.party, cost_center=cost_center
			),
		]
