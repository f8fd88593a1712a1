# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
from frappe.model.document import Document


class FiscalYearCompany(Document):
	"""Company of a Fiscal Year."""
