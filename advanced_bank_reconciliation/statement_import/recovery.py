# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Puts interrupted statement imports back to work, and clears up behind records. Called by the scheduler."""

import frappe
from frappe import _

from advanced_bank_reconciliation.bulk.recovery import SILENT_FOR_SECONDS, recover
from advanced_bank_reconciliation.statement_import import statuses
from advanced_bank_reconciliation.statement_import.events import announce
from advanced_bank_reconciliation.statement_import.job import IMPORTS, JOB, ROW


def recover_interrupted_imports(silent_for_seconds: int = SILENT_FOR_SECONDS) -> list[str]:
	"""Enqueue every statement import at work that has no live run, and return their names.

	One that five times in a row has served nothing fails; what it has imported stays.
	"""
	return recover(IMPORTS, statuses.ACTIVE, _give_up, silent_for_seconds)


def _give_up(job: frappe._dict, reason: str) -> None:
	message = " ".join([reason, _("What is imported stays.")])
	IMPORTS.move(job, statuses.FAILED, message=message, error_message=message)
	announce(job.name, success=False)


def delete_lines_without_record() -> None:
	"""Delete the lines of records that are gone.

	A record takes its lines with it when it is deleted, but not where its row is, as by ERPNext's Transaction
	Deletion Record, which knows of child tables only (PITFALLS P85).
	"""
	line, record = frappe.qb.DocType(ROW), frappe.qb.DocType(JOB)
	query = frappe.qb.from_(line).left_join(record).on(line.parent == record.name)
	gone = query.where(record.name.isnull()).select(line.parent).distinct().run(pluck=True)
	for name in gone:
		frappe.db.delete(ROW, {"parent": name})
