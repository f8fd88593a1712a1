# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Writes a Bank Transaction: what the app has checked itself, and corrections of reference and party."""

from frappe.model.document import Document

from advanced_bank_reconciliation.vouchers.bank_ledger import take_turns
from advanced_bank_reconciliation.vouchers.parties import check_party


def update_details(
	bank_transaction: Document, reference_number: str | None, party_type: str | None, party: str | None
) -> None:
	"""Write the reference number and the party. An empty text clears a field, None leaves it as it is.

	Raises SelectionRefused for a party that does not exist or that the user may not read.
	"""
	if reference_number is not None:
		bank_transaction.reference_number = reference_number.strip()
	if party_type is not None:
		bank_transaction.party_type = party_type
	if party is not None:
		bank_transaction.party = party
	if bank_transaction.party_type or bank_transaction.party:
		check_party(bank_transaction.party_type, bank_transaction.party, bank_transaction.company)
	bank_transaction.save()


def save_checked(bank_transaction: Document) -> None:
	"""Save what this app has checked and whose clearance it computes: `events` then leave it alone."""
	take_turns()
	bank_transaction.flags.abr_checked = True
	try:
		bank_transaction.save()
	finally:
		bank_transaction.flags.abr_checked = False
