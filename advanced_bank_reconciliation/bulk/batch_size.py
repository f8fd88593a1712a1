# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""How many invoices a batch pays: a fixed number, or as many as take a chosen number of seconds.

A batch is what is lost when a worker dies, what others may have to wait for, and how often progress is told.
What one invoice costs depends on the machine, on the ledger and on other apps, so it is measured.
"""

from dataclasses import dataclass

#: Bounds of an automatic size. Below, the cost of a transaction itself shows; above, nothing is gained.
SMALLEST, LARGEST = 5, 100

#: A size at most doubles or halves from one batch to the next: one slow invoice says little of the next ones.
MOST_CHANGE = 2


@dataclass
class BatchSize:
	"""size: invoices in the next batch. seconds: what a batch is to take; 0 for a fixed size."""

	size: int
	seconds: float = 0

	def __post_init__(self) -> None:
		if self.seconds:
			self.size = min(max(self.size, SMALLEST), LARGEST)

	def learn(self, invoices: int, seconds: float, may_grow: bool = True) -> None:
		"""Choose the next size after a batch of `invoices` took `seconds`. `may_grow`: there is memory left."""
		if not self.seconds or not invoices or seconds <= 0:
			return
		wanted = int(self.seconds * invoices / seconds)
		largest = self.size * MOST_CHANGE if may_grow else self.size
		wanted = min(max(wanted, self.size // MOST_CHANGE), largest)
		self.size = min(max(wanted, SMALLEST), LARGEST)
