// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Which parties a party field offers: where the settings ask for it, those of the line's company and those of
// no company (PITFALLS P35). The server checks the same.
export function party_query(party_type, transaction, settings) {
	const fieldname = settings.party_company_fields?.[party_type];
	return fieldname ? { filters: { [fieldname]: ["in", ["", transaction.company]] } } : {};
}
