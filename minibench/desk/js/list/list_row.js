// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The columns of a list: the document, its state, what the doctype shows in lists, and when it was changed.

const MOST_COLUMNS = 5;

const escape = (value) => frappe.utils.escape_html(cstr(value));

export class ListRow {
	constructor(list) {
		this.doctype = list.doctype;
		this.meta = list.meta;
		this.settings = list.settings;
		this.columns = this.meta.fields
			.filter((df) => cint(df.in_list_view) && frappe.model.is_value_type(df.fieldtype))
			.filter((df) => ![this.meta.title_field, "status"].includes(df.fieldname))
			.slice(0, MOST_COLUMNS);
	}

	header_html() {
		const heads = [
			column("list-subject", __(this.meta.title_field ? "Title" : "ID")),
			column("list-status", __("Status")),
			...this.columns.map((df) => column(alignment(df), escape(__(df.label)))),
			column("list-modified", ""),
		];
		return `<header class="list-row-head text-muted">${heads.join("")}</header>`;
	}

	html(doc) {
		const cells = [
			column("list-subject", this.subject_html(doc)),
			column("list-status", this.indicator_html(doc)),
			...this.columns.map((df) => column(alignment(df), this.value_html(df, doc))),
			column("list-modified text-muted", frappe.datetime.comment_when(doc.modified, true)),
		];
		return `<div class="list-row" data-name="${escape(doc.name)}" tabindex="0">${cells.join(
			""
		)}</div>`;
	}

	subject_html(doc) {
		const title = doc[this.meta.title_field] || doc.name;
		const href = escape(frappe.utils.get_form_link(this.doctype, doc.name));
		return `<a class="ellipsis list-subject-link" href="${href}" title="${escape(
			title
		)}">${escape(title)}</a>`;
	}

	indicator_html(doc) {
		const indicator = frappe.get_indicator(doc, this.doctype);
		if (!indicator) return "";
		const [label, color, filter] = indicator;
		return `<span class="indicator-pill ${color} filterable no-indicator-dot ellipsis" data-filter="${escape(
			filter
		)}"
			title="${escape(label)}"><span class="ellipsis">${escape(label)}</span></span>`;
	}

	value_html(df, doc) {
		const value = doc[df.fieldname];
		const formatter = this.settings.formatters?.[df.fieldname];
		if (formatter) return formatter(value, df, doc);
		if (is_null(value)) return "";
		if (["Link", "Select"].includes(df.fieldtype)) {
			const filter = escape(`${df.fieldname},=,${value}`);
			return `<a class="filterable ellipsis" href="#" data-filter="${filter}" title="${escape(
				value
			)}">${escape(value)}</a>`;
		}
		const text = typeof value === "string" ? escape(value) : value;
		return `<span class="ellipsis">${frappe.format(text, df, { inline: true }, doc)}</span>`;
	}
}

const alignment = (df) =>
	frappe.model.is_numeric_field(df.fieldtype) && df.fieldtype !== "Percent" ? "text-right" : "";

const column = (css_class, html) =>
	`<div class="list-row-col ellipsis ${css_class}">${html}</div>`;
