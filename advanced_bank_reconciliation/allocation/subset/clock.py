# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the ways to solve subset sum share: the time limit, and what they answer."""

import time
from dataclasses import dataclass


class OutOfTime(Exception):
	"""The time that a search was given is over."""


class Clock:
	"""Says when the time that a search was given is over."""

	def __init__(self, seconds: float):
		self.end = time.monotonic() + seconds

	def check(self) -> None:
		"""Raise OutOfTime when the time is over."""
		if time.monotonic() > self.end:
			raise OutOfTime

	@property
	def seconds_left(self) -> float:
		return max(self.end - time.monotonic(), 0.0)


@dataclass(frozen=True)
class Outcome:
	"""A choice of weights that adds up.

	chosen: for each weight whether it is taken. count: the number of choices that add up, as far as they
	were counted; is_exact: whether that is all of them.
	"""

	chosen: list[bool]
	count: int
	is_exact: bool
