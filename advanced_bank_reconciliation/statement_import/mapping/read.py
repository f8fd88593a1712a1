# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""From a table to a statement: by the saved mapping, or by what is detected."""

from dataclasses import replace

from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.exceptions import MalformedFile
from advanced_bank_reconciliation.statement_import.mapping.detect import Proposal, complete, propose
from advanced_bank_reconciliation.statement_import.mapping.header import find_again
from advanced_bank_reconciliation.statement_import.mapping.rows import apply_mapping
from advanced_bank_reconciliation.statement_import.statement import Options, Statement
from advanced_bank_reconciliation.statement_import.table import Table


def plan(table: Table, options: Options) -> Proposal:
	"""Return the mapping that the table will be read by, and the questions that are open.

	Raises StaleMapping where `options.mapping` was made for other columns.
	"""
	if not options.mapping:
		return propose(table, options)
	header = find_again(table, options.mapping)
	above, rows = table.rows[: max(header.index, 0)], table.rows[header.index + 1 :]
	mapping, questions = complete(options.mapping, rows, options, above)
	if header.index >= 0:
		mapping = replace(mapping, header_row=table.rows[header.index].number, fingerprint=header.fingerprint)
	return Proposal(mapping, header, tuple(questions))


def read_table(table: Table, options: Options) -> Statement:
	"""Return the statement of a table, or the questions that must be answered first."""
	if not table.rows:
		refuse(MalformedFile, [_("The file has no rows.")])
	proposal = plan(table, options)
	if proposal.questions:
		return Statement(questions=proposal.questions, problems=table.problems, notes=table.notes)
	return apply_mapping(table, proposal.mapping, proposal.header, options)
