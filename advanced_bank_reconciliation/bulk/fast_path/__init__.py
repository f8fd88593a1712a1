# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The fast path: ERPNext asks the same questions again and again for each Payment Entry; here each is asked once.

Nothing that ERPNext or another app does is left out: every validation, document event and ledger row stays. What
they ask is answered from memory where the answer is known, during one batch in one database transaction.

Who answers what
- `batch.py` is the way in: `with fast_path(invoices):` around the serving of a batch. `host.py` tells whether
  everything is there that it relies on (MariaDB, no triggers, functions of the known form); else the plain path
  runs.
- `connection.py`: a SELECT that was sent before, with the same values, is not sent again.
- `answers.py`: documents and lists that were loaded before; each caller gets a copy to change (`copies.py`).
  UPDATEs of a Payment Entry's rows before their INSERT reach no row, and are not sent.
- `read_ahead.py`: the invoices of the batch with their tables, by one SELECT for each table.
- `rows.py`: whole rows that this transaction has locked, inserted or set, as the database gives them back.
- `held.py`: UPDATEs of one inserted row, field by field, are held and sent as one.
- `new_docs.py`: the defaults of a new document. `cache_keys.py`: keys of Frappe's cache are deleted together.
- `sums.py`: ERPNext's balances; ledger rows that are inserted are added to them.
- `memo.py` keeps the answers, `statements.py` says which rows a statement reads or writes, `process.py` takes the
  place of Frappe's functions, in this thread or greenlet only.

Why it is safe
- An answer is forgotten as soon as this connection writes a row that it may have been read from. Which rows a
  statement touches is read off its text. Whatever is not understood in full makes everything be forgotten; so do
  a return to a savepoint, a commit, and a statement that reaches the server by another way than Frappe's.
- What others commit during the batch may be seen later, but no later than by a plain transaction under
  REPEATABLE READ, Frappe's default, whose one snapshot is as old as its first read. What a batch decides about
  money by, its rows and their invoices, it has locked and read under that lock (`transactions.begin_anew`).
- A locking read goes to the database the first time, and so locks. Nobody can change a row that is locked.
- Keys of the cache are deleted before anything else is asked of it, and before the commit.
- The answer of a function is kept only if all that it read is known, and nothing of it is of the clock, of a view,
  of a stored function, or of a table whose engine knows no transactions.
- Everything is put back in `finally`, and nothing is patched at import.

tests/test_fast_path.py compares, on a bench, every field of every row that both paths write.
"""

from advanced_bank_reconciliation.bulk.fast_path.batch import fast_path

__all__ = ["fast_path"]
