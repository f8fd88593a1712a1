// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { escape } from "./markup.js";

// frappe-datatable builds a tooltip with String.replace, to which "$&" and its like in a bank's text are
// commands. A word joiner, which nobody sees, takes that meaning away.
const without_replace_patterns = (html) => html.replace(/\$(?=[$&`'])/g, "$\u2060");

const SCROLL_BAR = 16; // pixels

// A frappe-datatable over rows that are found by key: one row changes or goes away by itself, and a filter
// hides rows without making the table anew.
//
// columns: [{id, name, width, align, format(row), value(row), sortable, live}]; format gives HTML, value is
// what the table sorts by; what a live column shows depends on more than its row. on_open(row): a row was
// activated.
export class TransactionTable {
	constructor({ wrapper, columns, key, empty_message, on_open }) {
		Object.assign(this, { columns, key, empty_message, on_open });
		this.$outer = $(wrapper).addClass("abr-table");
		this.$wrapper = $(`<div><div class="abr-empty">${escape(__("Loading…"))}</div></div>`);
		this.$no_rows = $('<div class="abr-no-rows"></div>').hide();
		this.$outer.empty().append(this.$wrapper, this.$no_rows);
		this.filter = () => true;
		this.focused_key = null;
		this.set_data([]);
		this.listen();
	}

	set_rows(rows) {
		this.set_data(rows);
		const cells = rows.map((row) => this.cells(row));
		if (this.datatable) this.datatable.refresh(cells);
		else this.make(cells);
		this.show();
	}

	set_data(rows) {
		this.list = [...rows];
		this.index = new Map(rows.map((row, index) => [this.key(row), index]));
	}

	get(key) {
		return this.list[this.index.get(key)];
	}

	get rows() {
		return this.list.filter(Boolean);
	}

	// Change what is under the key; without a row, take it away. An unknown key makes a new row.
	update(key, row) {
		const index = this.index.get(key);
		if (index === undefined) {
			if (row) this.set_rows([...this.rows, row].sort(by_date));
			return;
		}
		this.list[index] = row || null;
		if (row) this.redraw(row, index);
		this.show();
	}

	// Put these rows in the place of all that match; what is new is put in by date.
	replace(matches, rows) {
		const keys = new Set(rows.map((row) => this.key(row)));
		for (const row of this.rows.filter(matches)) {
			if (!keys.has(this.key(row))) this.update(this.key(row), null);
		}
		const is_known = (row) => this.index.has(this.key(row));
		for (const row of rows.filter(is_known)) this.update(this.key(row), row);
		const fresh = rows.filter((row) => !is_known(row));
		if (fresh.length) this.set_rows([...this.rows, ...fresh].sort(by_date));
	}

	// frappe-datatable can only refresh a row that is drawn; any other it draws when it comes into sight.
	redraw(row, index) {
		const is_drawn = this.$wrapper.find(`.dt-row-${index}`).length > 0;
		if (is_drawn) this.datatable.refreshRow(this.cells(row), index);
		else this.datatable.datamanager.updateRow(this.cells(row), index);
	}

	set_filter(filter) {
		this.filter = filter;
		this.show();
	}

	show() {
		if (!this.datatable) return;
		const visible = [];
		this.list.forEach((row, index) => {
			if (row && this.filter(row)) visible.push(index);
		});
		this.say_if_empty(visible.length);
		this.datatable.rowmanager.showRows(visible);
		this.mark_focused();
	}

	// Not by frappe-datatable, which says nothing when the last row is gone or hidden.
	say_if_empty(count) {
		const text = this.rows.length
			? __("No row matches. Change the search or the filters.")
			: this.empty_message;
		this.$no_rows.text(text).toggle(!count);
		this.$outer.toggleClass("abr-none", !count);
	}

	make(data) {
		this.datatable = new frappe.DataTable(this.$wrapper[0], {
			columns: this.columns.map((column) => ({
				id: column.id,
				name: escape(column.name),
				width: this.width_of(column),
				align: column.align || "left",
				editable: false,
				focusable: false,
				resizable: true,
				dropdown: column.sortable !== false,
				sortable: column.sortable !== false,
				format: (_value, cells) => this.format(column, cells.meta.rowIndex),
			})),
			data,
			layout: "fixed",
			cellHeight: 36,
			serialNoColumn: false,
			disableReorderColumn: true,
			noDataMessage: "",
			events: { onSortColumn: () => this.show() },
		});
	}

	// Draw the live columns anew: at once what is on the screen, the rest when it is scrolled to.
	refresh_live() {
		const live = this.columns.flatMap((column, index) => (column.live ? [index] : []));
		for (const cells of this.datatable.datamanager.rows) {
			for (const index of live) cells[index].html = null;
		}
		this.$wrapper.find(".dt-row[data-row-index]").each((_index, element) => {
			const row_index = Number(element.dataset.rowIndex);
			for (const index of live) this.redraw_cell(element, index, row_index);
		});
	}

	redraw_cell(element, index, row_index) {
		const cell = element.querySelector(`.dt-cell--${index}-${row_index} .dt-cell__content`);
		if (cell && !cell.contains(document.activeElement)) {
			cell.innerHTML = this.format(this.columns[index], row_index);
		}
	}

	// Widths are minima; what there is beyond them is shared out in proportion. The table may be hidden.
	width_of(column) {
		const total = this.columns.reduce((sum, { width }) => sum + width, 0);
		const spare = Math.max(this.$outer.parent().width() - total - SCROLL_BAR, 0);
		return Math.floor(column.width + (spare * column.width) / total);
	}

	format(column, index) {
		const row = this.list[index];
		return row ? without_replace_patterns(column.format(row)) : "";
	}

	cells(row) {
		return this.columns.map((column) => column.value(row));
	}

	listen() {
		this.$wrapper.on("click", ".dt-row-body, .dt-row:not(.dt-row-header)", (event) => {
			const row = this.list[Number(event.currentTarget.dataset.rowIndex)];
			if (!row) return;
			this.focus(this.key(row));
			if ($(event.target).closest("[data-action=open]").length) this.on_open?.(row, event);
		});
		this.$wrapper.on("dblclick", ".dt-row:not(.dt-row-header)", () => this.open_focused());
	}

	open_focused() {
		const row = this.get(this.focused_key);
		if (row) this.on_open?.(row);
	}

	// The rows in the order and the selection in which they are on the screen.
	get visible_rows() {
		const shown = new Set(this.datatable?.bodyRenderer.visibleRowIndices);
		const order = this.datatable?.datamanager.rowViewOrder || [];
		return order.filter((index) => shown.has(index)).map((index) => this.list[index]);
	}

	move_focus(step) {
		const rows = this.visible_rows;
		if (!rows.length) return;
		const from = rows.findIndex((row) => this.key(row) === this.focused_key);
		const to = from < 0 ? 0 : Math.max(0, Math.min(from + step, rows.length - 1));
		this.scroll_to(to);
		this.focus(this.key(rows[to]));
	}

	focus(key) {
		this.focused_key = key;
		this.mark_focused();
	}

	mark_focused() {
		this.$wrapper.find(".abr-focused").removeClass("abr-focused");
		const index = this.index.get(this.focused_key);
		if (index !== undefined) this.$wrapper.find(`.dt-row-${index}`).addClass("abr-focused");
	}

	scroll_to(position) {
		const body = this.datatable.bodyScrollable;
		const height = this.datatable.options.cellHeight;
		const top = position * height;
		if (top < body.scrollTop) body.scrollTop = top;
		if (top + height > body.scrollTop + body.clientHeight) {
			body.scrollTop = top + height - body.clientHeight;
		}
	}
}

const by_date = (a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0);

export const open_button = (label) =>
	`<button class="btn btn-xs btn-default" data-action="open">${escape(label)}</button>`;
