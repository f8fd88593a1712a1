// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Answers, as the form would show it, what each ticked row gets. Reads {line, settings, rows, amounts, account}
// from standard input, writes {shares: {name: amount}, totals, and what would be sent}; test_preview.py compares
// the books.

import { readFileSync } from "node:fs";

import { Selection } from "../public/js/advance_bank_reconciliation_tool/core/selection.js";

const { line, settings, rows, amounts, account } = JSON.parse(readFileSync(0, "utf-8"));
const selection = new Selection(line);
selection.follow(settings);
for (const row of rows) selection.add(row, amounts[row.name] ?? null);
selection.book_difference_on(account);
const shares = selection.shares();
process.stdout.write(
	JSON.stringify({
		shares: Object.fromEntries(rows.map((row) => [row.name, selection.share_of(row, shares)])),
		totals: selection.totals(shares),
		invoices: selection.invoices_payload(),
		vouchers: selection.vouchers_payload(),
		difference: selection.difference_payload(),
	})
);
