// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { role_of } from "../core/statement_columns.js";
import { escape } from "../markup.js";

// The first rows as they stand in the file, and above each column what it is.
export class FileTable {
	// on_role(index, role): the user says what a column is
	constructor({ wrapper, on_role }) {
		this.$wrapper = $(wrapper).addClass("abr-file-table");
		this.$wrapper.on("change", "[data-column]", ({ currentTarget }) =>
			on_role(cint(currentTarget.dataset.column), currentTarget.value)
		);
	}

	// mapping: as it is shown, which may be ahead of the state's
	render({ columns, roles, first_rows, header_row }, mapping, disabled) {
		const scrolled = this.$wrapper.find(".abr-scroll").scrollLeft() || 0;
		const count = Math.max(columns.length, ...first_rows.map(({ cells }) => cells.length));
		const indexes = Array.from({ length: count }, (_value, index) => index);
		const heads = indexes.map((index) => {
			const role = role_of(mapping, index);
			const title = columns.find((column) => column.index === index)?.title || "";
			const label = __("What column {0} is", [title || index + 1]);
			return `<th class="${role ? "abr-used" : ""}"><select class="form-control input-xs"
				data-column="${index}" aria-label="${escape(label)}" ${disabled ? "disabled" : ""}>
				${options_html(roles, role)}</select></th>`;
		});
		const rows = first_rows.map(
			(row) => `<tr class="${row_class(row.number, header_row)}">
				<th scope="row">${escape(row.number)}</th>
				${indexes.map((index) => cell_html(row.cells[index], role_of(mapping, index))).join("")}</tr>`
		);
		this.$wrapper.html(`<div class="abr-scroll"><table class="table table-sm">
			<thead><tr><th>${__("Row")}</th>${heads.join("")}</tr></thead>
			<tbody>${rows.join("")}</tbody></table></div>`);
		this.$wrapper.find(".abr-scroll").scrollLeft(scrolled);
	}
}

function options_html(roles, chosen) {
	return [{ value: "", label: __("Not imported") }, ...roles]
		.filter(({ value }, index) => value || !index)
		.map(
			({ value, label }) =>
				`<option value="${escape(value)}" ${value === chosen ? "selected" : ""}>${escape(
					label
				)}</option>`
		)
		.join("");
}

function row_class(number, header_row) {
	if (number === header_row) return "abr-header-row";
	return header_row && number < header_row ? "abr-above" : "";
}

function cell_html(text, role) {
	const shown = escape(text);
	return `<td class="${role ? "abr-used" : ""}" title="${shown}">${shown}</td>`;
}
