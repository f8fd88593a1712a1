# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""A small soak, for every run of the suite; the large one is started by hand (`tests.soak`)."""

from advanced_bank_reconciliation.tests import soak
from advanced_bank_reconciliation.tests.utils import ABRTestCase


class TestSoak(ABRTestCase):
	def test_books_are_exact_after_random_faults(self) -> None:
		"""60 invoices of two deposits, two workers, six faults. The seed is fixed, the moments are not quite."""
		result = soak.run(
			invoices=60, faults=6, jobs=2, workers=2, seed=11, batch_size=4, silence=3, most_seconds=180
		)
		self.assertEqual(result["problems"], [])
		self.assertEqual(result["not struck"], [])
		self.assertEqual(result["reconciled"] + result["failed, as others paid or cancelled them"], 60)
