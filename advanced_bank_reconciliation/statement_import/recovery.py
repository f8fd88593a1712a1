# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Puts interrupted statement imports back to work. Called by the scheduler."""

import frappe
from frappe import _

from advanced_bank_reconciliation.bulk.recovery import SILENT_FOR_SECONDS, recover
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.events import announce
from advanced_bank_reconciliation.statement_import.job import IMPORTS


def recover_interrupted_imports(silent_for_seconds: int = SILENT_FOR_SECONDS) -> list[str]:
	"""Enqueue every statement import at work that has no live run, and return their names.

	One that five times in a row has served nothing fails; what it has imported stays.
	"""
	return recover(IMPORTS, statuses.ACTIVE, _give_up, silent_for_seconds)


def _give_up(job: frappe._dict, reason: str) -> None:
	message = " ".join([reason, _("What is imported stays.")])
	IMPORTS.move(job, statuses.FAILED, message=message, error_message=message)
	announce(job.name, success=False)
