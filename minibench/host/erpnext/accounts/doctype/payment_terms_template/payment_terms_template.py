# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt


class PaymentTermsTemplate(Document):
	"""How an invoice is split into instalments."""

	def validate(self) -> None:
		if flt(sum(flt(term.invoice_portion) for term in self.terms), 2) != 100.0:
			frappe.throw(_("Combined invoice portion must equal 100%"))
		seen = set()
		for term in self.terms:
			if self.allocate_payment_based_on_payment_terms and not term.payment_term:
				frappe.throw(_("Row {0}: Payment Term is mandatory").format(term.idx))
			key = (term.payment_term, term.credit_days, term.credit_months, term.due_date_based_on)
			if key in seen:
				frappe.throw(_("The Payment Term at row {0} is possibly a duplicate.").format(term.idx))
			seen.add(key)
