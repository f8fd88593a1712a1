# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the tests of bulk reconciliation in one process share.

Jobs go to queues of the tests' own, and this process does what RQ would do. Real worker processes are in
test_bulk_jobs.
"""

import frappe
from frappe.utils import flt

from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	create_payment_entries_bulk,
)
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.utils import ABRTestCase, own_queues, run_committed

PROGRESS = "bulk_reconciliation_progress"
COMPLETE = "bulk_reconciliation_complete"


def freeze(test, customer):
	"""Freeze the customer, so that ERPNext refuses payments from it, until the test ends."""
	test.addCleanup(frappe.db.commit)
	test.addCleanup(thaw, customer)
	frappe.db.set_value("Customer", customer, "is_frozen", 1)


def thaw(customer):
	frappe.db.set_value("Customer", customer, "is_frozen", 0)


class BulkTestCase(ABRTestCase):
	def setUp(self):
		super().setUp()
		queues = own_queues()
		queues.__enter__()
		self.addCleanup(queues.__exit__, None, None, None)

	def line_and_invoices(self, amounts, extra=0, **values):
		"""Return a deposit over the sum of the amounts, and `extra`, with its unpaid Sales Invoices."""
		invoices = factories.make_sales_invoices(amounts)
		return factories.make_bank_transaction(deposit=flt(sum(amounts) + extra, 2), **values), invoices

	def start(self, line, rows, vouchers=None):
		return create_payment_entries_bulk(line.name, rows, vouchers)

	def start_and_run(self, line, rows, vouchers=None):
		"""Start in the background, and work on the job here; return answer and ended job."""
		answer = self.start(line, rows, vouchers)
		self.assertEqual(answer["status"], "queued")
		return answer, run_committed(answer["job_id"])
