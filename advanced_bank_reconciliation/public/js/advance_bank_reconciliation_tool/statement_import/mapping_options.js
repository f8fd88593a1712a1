// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import {
	MARKER,
	SIGNED,
	TWO_COLUMNS,
	with_header_row,
	with_sign,
} from "../core/statement_columns.js";
import { escape } from "../markup.js";

const DATE_ORDERS = () => [
	["", __("Detect")],
	["DMY", __("Day, month, year")],
	["MDY", __("Month, day, year")],
	["YMD", __("Year, month, day")],
];

const DECIMAL_MARKS = () => [
	["", __("Detect")],
	[".", __("Point: 1,234.50")],
	[",", __("Comma: 1.234,50")],
];

const SIGNS = () => [
	[SIGNED, __("One column, withdrawals with a minus")],
	[TWO_COLUMNS, __("Two columns: deposits and withdrawals")],
	[MARKER, __("One column, and one that says debit or credit")],
];

const CHANGES = {
	header_row: (mapping, value) => with_header_row(mapping, cint(value)),
	date_order: (mapping, date_order) => ({ ...mapping, date_order }),
	decimal_mark: (mapping, decimal_mark) => ({ ...mapping, decimal_mark }),
	sign: with_sign,
	flip: (mapping, flip) => ({ ...mapping, flip }),
};

// How dates, numbers and signs of the table are written.
export class MappingOptions {
	// on_change(mapping): as the user wants it
	constructor({ wrapper, on_change }) {
		this.$wrapper = $(wrapper).addClass("abr-options");
		this.$wrapper.on("change", "[data-option]", ({ currentTarget }) => {
			const { option } = currentTarget.dataset;
			const value =
				currentTarget.type === "checkbox" ? currentTarget.checked : currentTarget.value;
			on_change(CHANGES[option](this.mapping, value));
		});
	}

	render({ mapping, first_rows, header_row }, disabled) {
		this.mapping = mapping;
		this.$wrapper.toggle(Boolean(mapping));
		if (!mapping) return;
		const numbers = first_rows.map(({ number }) => [number, __("Row {0}", [number])]);
		const row = header_row || 0;
		if (row && !numbers.some(([number]) => number === row))
			numbers.push([row, __("Row {0}", [row])]);
		this.$wrapper.html(
			[
				select_html("header_row", __("Header"), [[0, __("None")], ...numbers], row),
				select_html("date_order", __("Dates"), DATE_ORDERS(), mapping.date_order),
				select_html(
					"decimal_mark",
					__("Decimal mark"),
					DECIMAL_MARKS(),
					mapping.decimal_mark
				),
				select_html("sign", __("Amounts"), SIGNS(), mapping.sign),
				`<label class="abr-flip"><input type="checkbox" data-option="flip"
					${mapping.flip ? "checked" : ""} /> ${__(
					"Turn all amounts round (credit card: purchases are positive in the file)"
				)}</label>`,
			].join("")
		);
		this.$wrapper.find("[data-option]").prop("disabled", Boolean(disabled));
	}
}

function select_html(option, label, choices, chosen) {
	const options = choices
		.map(
			([value, text]) =>
				`<option value="${escape(value)}" ${
					String(value) === String(chosen) ? "selected" : ""
				}>${escape(text)}</option>`
		)
		.join("");
	return `<label class="abr-option"><span class="text-muted">${label}</span>
		<select class="form-control input-xs" data-option="${option}">${options}</select></label>`;
}
