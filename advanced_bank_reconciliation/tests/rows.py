# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Many rows at once: copies of a real document's own row, without its children and ledger entries.

Enough to be offered, ranked and searched, and nothing to be reconciled with.
"""

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.model.document import Document


def copy_rows(template: Document, rows: Iterable[dict[str, Any]]) -> None:
	"""Insert a copy of the document's row for each of `rows`, with those values; each has a `name`."""
	common = {key: value for key, value in template.get_valid_dict().items() if value not in (None, "", 0)}
	merged = [{**common, **row} for row in rows]
	fields = sorted({field for row in merged for field in row})
	values = [[row.get(field, common.get(field)) for field in fields] for row in merged]
	frappe.db.bulk_insert(template.doctype, fields, values)
