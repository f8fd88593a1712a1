# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Amounts of one invoice in two currencies: the one it is owed in, and the bank account's (PITFALLS P17)."""

from dataclasses import dataclass
from decimal import Decimal

from advanced_bank_reconciliation.allocation.money import to_major, to_minor


@dataclass(frozen=True)
class Conversion:
	"""How an invoice's own currency and the bank account's relate.

	rate: what one unit of the invoice's currency is worth in the bank account's. precision,
	bank_precision: the decimals that amounts have in each. same: they are one currency; nothing is converted.
	"""

	rate: float
	precision: int
	bank_precision: int
	same: bool

	def to_bank(self, amount: float) -> float:
		"""Return an amount of the invoice in the bank account's currency, rounded once."""
		if self.same:
			return to_major(to_minor(amount, self.bank_precision), self.bank_precision)
		return self._rounded(Decimal(str(amount)) * Decimal(str(self.rate)), self.bank_precision)

	def settled(self, amount: float, outstanding: float) -> float:
		"""Return what `amount` of the bank account's currency settles of `outstanding`, in its currency.

		All of the invoice's worth settles all of it: no rest of a cent stays open. Less never settles more
		than is outstanding. Signs as those of the arguments.
		"""
		if self.same:
			return to_major(to_minor(amount, self.precision), self.precision)
		if abs(amount) >= abs(self.to_bank(outstanding)):
			return to_major(to_minor(outstanding, self.precision), self.precision)
		settled = self._rounded(Decimal(str(amount)) / Decimal(str(self.rate)), self.precision)
		return min(settled, outstanding, key=abs)

	@staticmethod
	def _rounded(amount: Decimal, precision: int) -> float:
		return to_major(to_minor(amount, precision), precision)
