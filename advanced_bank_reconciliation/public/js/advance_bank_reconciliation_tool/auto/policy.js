// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { types } from "../dialog/match_filters.js";

const KINDS_AT_FIRST = ["payment_entry", "journal_entry"];

// The policy as fields of a dialog, filled from the settings.
export function policy_fields(settings) {
	return [
		{
			fieldtype: "Int",
			fieldname: "minimum_score",
			label: __("Minimum Score"),
			default: settings.auto_minimum_score ?? 45,
			description: __("Points that the best voucher needs."),
		},
		{ fieldtype: "Column Break" },
		{
			fieldtype: "Int",
			fieldname: "margin",
			label: __("Margin to the Second"),
			default: settings.auto_margin ?? 10,
			description: __("The next voucher over the same amount must be behind by this."),
		},
		{ fieldtype: "Column Break" },
		{
			fieldtype: "Float",
			fieldname: "amount_ceiling",
			label: __("Amount Ceiling"),
			default: settings.auto_amount_ceiling ?? 0,
			description: __("Larger amounts are left to you. 0: no ceiling."),
		},
		{ fieldtype: "Section Break", label: __("What may be matched") },
		...types().flatMap(([name, label], index) => [
			...(index && index % 2 === 0 ? [{ fieldtype: "Column Break" }] : []),
			{
				fieldtype: "Check",
				fieldname: name,
				label,
				default: KINDS_AT_FIRST.includes(name) ? 1 : 0,
			},
		]),
	];
}

// The arguments for the server, from the dialog's values.
export function policy_of(values) {
	return {
		minimum_score: cint(values.minimum_score),
		margin: cint(values.margin),
		amount_ceiling: flt(values.amount_ceiling),
		document_types: types()
			.map(([name]) => name)
			.filter((name) => values[name]),
	};
}
