# Copyright (c) 2026, Advanced Bank Reconciliation contributors and Contributors
# See license.txt

# import frappe
from frappe.tests.utils import FrappeTestCase


class TestAdvanceBankReconciliationTool(FrappeTestCase):
	pass
