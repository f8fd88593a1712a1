# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Writing CSV."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any


def to_csv(data: Iterable[Sequence[Any]]) -> str:
	"""Rows as CSV: texts in quotation marks, numbers without."""
	text = StringIO()
	csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows(data)
	return text.getvalue()
