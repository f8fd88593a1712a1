# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The fast path: ERPNext asks the same questions again and again for each Payment Entry; here each is answered once.

placeholder
"""

from advanced_bank_reconciliation.bulk.fast_path.batch import fast_path

__all__ = ["fast_path"]
