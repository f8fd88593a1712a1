// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The rows of a child table: a page of them at a time; a click opens the whole row in a dialog.

const PAGE_LENGTH = 50;

export class Grid {
	constructor(options) {
		Object.assign(this, options);
		this.page_no = 1;
		this.columns_df = {};
		this.make();
	}

	make() {
		this.wrapper = $(`<div class="grid-field">
			<label class="control-label"></label>
			<div class="form-grid-container"><div class="form-grid">
				<div class="grid-heading-row"></div>
				<div class="grid-body"><div class="rows"></div></div>
			</div></div>
			<div class="grid-footer flex">
				<button type="button" class="btn btn-xs btn-secondary grid-add-row">${__("Add Row")}</button>
				<div class="grid-pagination"></div>
			</div>
		</div>`).appendTo(this.parent);
		this.$rows = this.wrapper.find(".rows");
		this.wrapper.find(".grid-add-row").on("click", () => this.add_new_row());
		this.$rows.on("click", ".grid-row", (event) => {
			if (!$(event.target).closest("a, input").length)
				this.open_row(this.data[event.currentTarget.dataset.index]);
		});
	}

	// The field of the row's doctype as this grid shows it; a script may set its get_query, label and so on.
	get_field(fieldname) {
		return (this.columns_df[fieldname] ||= {
			...frappe.meta.get_docfield(this.df.options, fieldname),
		});
	}

	get docfields() {
		return this.df.fields?.length ? this.df.fields : frappe.get_meta(this.df.options).fields;
	}

	get data() {
		if (this.frm) return this.frm.doc[this.df.fieldname] || [];
		return this.df.get_data ? this.df.get_data() : (this.df.data ||= []);
	}

	get visible_columns() {
		const shown = this.docfields.filter(
			(df) => cint(df.in_list_view) && !cint(this.get_field(df.fieldname).hidden)
		);
		return (
			shown.length
				? shown
				: this.docfields.filter((df) => frappe.model.is_value_type(df.fieldtype))
		).slice(0, 8);
	}

	is_editable() {
		return this.control.disp_status === "Write" && !cint(this.df.cannot_add_rows);
	}

	refresh() {
		this.page_no = Math.min(this.page_no, this.page_count());
		this.wrapper.find("> .control-label").text(__(this.df.label));
		this.wrapper.find(".grid-heading-row").html(this.heading_html());
		const start = (this.page_no - 1) * PAGE_LENGTH;
		const rows = this.data.slice(start, start + PAGE_LENGTH);
		this.$rows.html(
			rows.length
				? rows.map((row, index) => this.row_html(row, start + index)).join("")
				: `<div class="grid-empty text-center text-extra-muted">${__("No rows")}</div>`
		);
		this.wrapper.find(".grid-add-row").toggle(this.is_editable());
		this.make_pagination();
	}

	heading_html() {
		const cells = this.visible_columns.map((df) =>
			this.cell_html(df, frappe.utils.escape_html(__(df.label)))
		);
		return `<div class="data-row">${this.index_html(__("No."))}${cells.join("")}</div>`;
	}

	row_html(row, index) {
		const cells = this.visible_columns.map((df) => {
			const value = frappe.format(escaped(row[df.fieldname], df), df, { inline: true }, row);
			return this.cell_html(df, value ?? "");
		});
		return `<div class="grid-row" data-index="${index}" data-name="${frappe.utils.escape_html(
			row.name
		)}">
			<div class="data-row">${this.index_html(index + 1)}${cells.join("")}</div></div>`;
	}

	index_html(text) {
		return `<div class="row-index">${text}</div>`;
	}

	cell_html(df, html) {
		const numeric = frappe.model.is_numeric_field(df.fieldtype) ? " text-right" : "";
		return `<div class="grid-static-col${numeric}" style="flex-grow: ${cint(df.columns) || 2}"
			data-fieldname="${df.fieldname}"><div class="static-area ellipsis">${html}</div></div>`;
	}

	page_count() {
		return Math.max(Math.ceil(this.data.length / PAGE_LENGTH), 1);
	}

	make_pagination() {
		const $pagination = this.wrapper.find(".grid-pagination").empty();
		const count = this.page_count();
		if (count === 1) return;
		const turn = (icon, label, step) =>
			$(
				`<button type="button" class="btn btn-xs btn-secondary">${frappe.utils.icon(
					icon,
					"xs"
				)}</button>`
			)
				.attr("aria-label", label)
				.prop("disabled", this.page_no + step < 1 || this.page_no + step > count)
				.on("click", () => {
					this.page_no += step;
					this.refresh();
				});
		$pagination.append(
			turn("left", __("Previous page"), -1),
			$("<span>").text(__("{0} of {1}", [this.page_no, count])),
			turn("right", __("Next page"), 1)
		);
	}

	async add_new_row() {
		const row = this.frm
			? frappe.model.add_child(this.frm.doc, this.df.options, this.df.fieldname)
			: this.data[
					this.data.push({
						idx: this.data.length + 1,
						name: frappe.dom.get_unique_id(),
					}) - 1
			  ];
		this.page_no = this.page_count();
		this.changed();
		await this.frm?.script_manager.trigger(`${this.df.fieldname}_add`, row.doctype, row.name);
		this.open_row(row);
		return row;
	}

	async remove_row(row) {
		if (this.frm) {
			await this.frm.script_manager.trigger(
				`before_${this.df.fieldname}_remove`,
				row.doctype,
				row.name
			);
			frappe.model.clear_doc(row.doctype, row.name);
			await this.frm.script_manager.trigger(
				`${this.df.fieldname}_remove`,
				this.df.options,
				row.name
			);
		} else {
			this.data.splice(this.data.indexOf(row), 1);
		}
		this.changed();
	}

	changed() {
		this.frm?.dirty();
		this.refresh();
	}

	open_row(row) {
		const editable = this.is_editable();
		const dialog = new frappe.ui.Dialog({
			title: __("{0} #{1}", [__(this.df.label), row.idx]),
			size: "large",
			fields: this.docfields.map((df) => this.dialog_field(df, row, editable)),
			primary_action_label: editable ? __("Done") : __("Close"),
			primary_action: (values) => {
				dialog.hide();
				if (editable) this.take_values(row, values);
			},
		});
		dialog.doc = row;
		dialog.refresh();
		if (editable) {
			dialog.add_custom_action(__("Delete Row"), () => {
				dialog.hide();
				this.remove_row(row);
			});
		}
		dialog.show();
	}

	// What is not filled in is left out of a row that is only read.
	dialog_field(df, row, editable) {
		const field = { ...df, ...this.columns_df[df.fieldname], default: null };
		if (!frappe.model.is_value_type(df.fieldtype)) return field;
		if (!editable) field.read_only = 1;
		if (cint(field.read_only) && is_null(row[df.fieldname])) field.hidden = 1;
		return field;
	}

	async take_values(row, values) {
		for (const [fieldname, value] of Object.entries(values)) {
			if (!this.frm) row[fieldname] = value;
			else await frappe.model.set_value(row.doctype, row.name, fieldname, value);
		}
		this.changed();
	}
}

// Text of a document is text, also in a grid. Links and numbers are written by their own formatter.
function escaped(value, df) {
	const is_text = !["Link", "Dynamic Link"].includes(df.fieldtype) && typeof value === "string";
	return is_text ? frappe.utils.escape_html(value) : value;
}
