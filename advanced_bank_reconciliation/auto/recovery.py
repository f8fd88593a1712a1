# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Puts interrupted auto reconciliations back to work. Called by the scheduler."""

import frappe
from frappe import _

from advanced_bank_reconciliation.auto import statuses
from advanced_bank_reconciliation.auto.job import AUTO
from advanced_bank_reconciliation.auto.progress import announce
from advanced_bank_reconciliation.bulk.recovery import SILENT_FOR_SECONDS, recover


def recover_interrupted_runs(silent_for_seconds: int = SILENT_FOR_SECONDS) -> list[str]:
	"""Enqueue every auto reconciliation at work that has no live run, and return their names.

	One that five times in a row has served nothing fails; what it has matched stays.
	"""
	return recover(AUTO, statuses.ACTIVE, _give_up, silent_for_seconds)


def _give_up(job: frappe._dict, reason: str) -> None:
	AUTO.move(job, statuses.FAILED, message=" ".join([reason, _("What is matched stays.")]))
	announce(job.name, success=False)
