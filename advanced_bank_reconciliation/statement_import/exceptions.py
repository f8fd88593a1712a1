# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Why a statement file, or a mapping for one, is refused as a whole. What is wrong with a single row is a
`Problem` of the Statement instead, and the other rows are read."""

from advanced_bank_reconciliation.exceptions import ReconciliationError


class StatementError(ReconciliationError):
	"""The file cannot be read as a bank statement; nothing of it was."""


class UnknownFormat(StatementError):
	"""No format knows this file."""


class MalformedFile(StatementError):
	"""The file claims to be of a format and breaks its rules, so that what is in it cannot be told."""


class TooLarge(StatementError):
	"""The file is beyond one of the bounds in limits.py."""


class DangerousFile(StatementError):
	"""The file has what no statement needs and attacks are made of: entities, external references, bombs."""


class NotText(StatementError):
	"""The file has NUL bytes or is in no encoding of text."""


class BadMapping(StatementError):
	"""The saved or given mapping is not of the form that is needed."""


class StaleMapping(StatementError):
	"""The mapping was made for a table with other columns than this file has."""


class FormatFailed(StatementError):
	"""A format that another app has added raised an error or answered something else than a Statement."""
