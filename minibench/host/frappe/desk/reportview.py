# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Conditions of what a user may see, as SQL."""

from frappe.model.db_query import DatabaseQuery


def build_match_conditions(doctype: str, user: str | None = None, as_condition: bool = True) -> str:
	"""SQL condition on the doctype's table for the user's permissions; empty when all rows are visible."""
	query = DatabaseQuery(doctype)
	if user:
		query.user = user
	condition = query.build_match_conditions(as_condition)
	return query.mogrify(condition)
