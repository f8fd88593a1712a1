# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
from frappe.model.document import Document


class BankTransactionPayments(Document):
	"""Voucher linked to a Bank Transaction."""
