// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The state of the form in the address, so that a reload or a shared link shows the same thing.

const FIELDS = [
	"company",
	"bank_account",
	"bank_statement_from_date",
	"bank_statement_to_date",
	"filter_by_reference_date",
	"from_reference_date",
	"to_reference_date",
	"tab", // the table that is shown, where it is not the first
];

export function read_url_state(search = window.location.search) {
	const params = new URLSearchParams(search);
	const state = {};
	for (const field of FIELDS) {
		if (params.has(field)) state[field] = params.get(field);
	}
	if ("filter_by_reference_date" in state) {
		state.filter_by_reference_date = cint(state.filter_by_reference_date);
	}
	return state;
}

export function write_url_state(state) {
	const params = new URLSearchParams();
	for (const field of FIELDS) {
		if (state[field]) params.set(field, state[field]);
	}
	const query = params.toString();
	window.history.replaceState(
		window.history.state,
		"",
		window.location.pathname + (query ? `?${query}` : "")
	);
}
