// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

const FORM = "/app/advance-bank-reconciliation-tool";

// Where the tool shows the statement's Bank Transactions.
export function tool_address({ bank_account, company, from_date, to_date }) {
	const params = new URLSearchParams({
		company: company || "",
		bank_account,
		bank_statement_from_date: from_date || "",
		bank_statement_to_date: to_date || "",
	});
	return `${FORM}?${params}`;
}
