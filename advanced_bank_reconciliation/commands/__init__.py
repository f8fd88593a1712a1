# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Commands of `bench --site SITE` and of `python3 minibench`, for whoever has a shell on the server.

Frappe imports this with every command that anybody calls: the engine is imported only where it is needed.
"""

from advanced_bank_reconciliation.commands.bulk import bank_rec_bulk
from advanced_bank_reconciliation.commands.jobs import bank_rec_resume, bank_rec_status, bank_rec_undo
from advanced_bank_reconciliation.statement_import.command import bank_rec_import

#: What Frappe looks for.
commands = [bank_rec_bulk, bank_rec_status, bank_rec_resume, bank_rec_undo, bank_rec_import]
