# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

from frappe.model.document import Document


class CurrencyExchangeSettings(Document):
	"""Whether a missing exchange rate may be looked up elsewhere. minibench has no such service."""
