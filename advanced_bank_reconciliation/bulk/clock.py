# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The time that runs go by, in one place, so that a test can set it."""

import time


def now() -> float:
	"""Return seconds since some moment; they never go backwards."""
	return time.monotonic()
