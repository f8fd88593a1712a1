# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Adds the indexes by which candidates are found to a site that was installed before they were in use."""

from advanced_bank_reconciliation.install import add_indexes


def execute() -> None:
	"""Add what is missing; a table of a million rows takes some seconds for each index."""
	add_indexes()
