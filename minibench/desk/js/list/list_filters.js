// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The filters of a list: fields above it for what is asked often, and pills for any other.

const FILTER_FIELDTYPES = [
	"Link",
	"Select",
	"Data",
	"Date",
	"Check",
	"Int",
	"Currency",
	"Float",
	"Dynamic Link",
];

export class ListFilters {
	constructor(list) {
		this.list = list;
		this.extra = []; // [fieldname, operator, value]
		this.make_fields();
		this.$pills = $('<div class="filter-pills"></div>').insertAfter(list.page.page_form);
		this.$pills.on("click", "[data-index]", (event) => {
			this.extra.splice(cint(event.currentTarget.dataset.index), 1);
			this.draw_pills();
			list.refresh();
		});
	}

	make_fields() {
		const standard = this.list.meta.fields.filter(
			(df) => cint(df.in_standard_filter) && FILTER_FIELDTYPES.includes(df.fieldtype)
		);
		this.add_field({ fieldname: "name", fieldtype: "Data", label: __("ID") });
		standard.forEach((df) => this.add_field(df));
	}

	add_field({ fieldname, fieldtype, label, options }) {
		const choices =
			fieldtype === "Select" ? [``, ...cstr(options).split("\n").filter(Boolean)] : options;
		this.list.page.add_field({
			fieldname,
			fieldtype: fieldtype === "Dynamic Link" ? "Data" : fieldtype,
			label,
			options:
				fieldtype === "Select"
					? choices.map((value) => ({ value, label: value || __(label) }))
					: choices,
			ignore_link_validation: 1,
			onchange: () => this.list.refresh(),
		});
	}

	get fields() {
		return this.list.page.fields_dict;
	}

	add(fieldname, operator, value) {
		if (operator === "=" && this.fields[fieldname]) {
			this.fields[fieldname].set_input(value);
			return;
		}
		this.extra = this.extra.filter(
			(filter) => filter[0] !== fieldname || filter[1] !== operator
		);
		this.extra.push([fieldname, operator, value]);
		this.draw_pills();
	}

	// Replace all filters by {fieldname: value or [operator, value]}; JSON as it stands in an address will do.
	set(options) {
		this.clear();
		for (const [fieldname, given] of Object.entries(options)) {
			const value =
				typeof given === "string" && given.startsWith("[") ? JSON.parse(given) : given;
			if (Array.isArray(value)) this.add(fieldname, value[0], value[1]);
			else this.add(fieldname, "=", value);
		}
	}

	clear() {
		Object.values(this.fields).forEach((field) => field.set_input(""));
		this.extra = [];
		this.draw_pills();
	}

	get() {
		const of_fields = Object.entries(this.fields)
			.map(([fieldname, field]) => [fieldname, field.df.fieldtype, field.get_value()])
			.filter(([, , value]) => value)
			.map(([fieldname, fieldtype, value]) =>
				fieldtype === "Data" ? [fieldname, "like", `%${value}%`] : [fieldname, "=", value]
			);
		return [...of_fields, ...this.extra].map((filter) => [this.list.doctype, ...filter]);
	}

	draw_pills() {
		const label = (fieldname) => __(frappe.meta.get_label(this.list.doctype, fieldname));
		this.$pills.html(
			this.extra.map(([fieldname, operator, value], index) => {
				const text = frappe.utils.escape_html(
					`${label(fieldname)} ${operator} ${shorten(value)}`
				);
				return `<button class="btn btn-xs btn-default" data-index="${index}" title="${__(
					"Remove filter"
				)}">
					${text} ${frappe.utils.icon("close", "xs")}</button>`;
			})
		);
	}
}

const shorten = (value) =>
	Array.isArray(value) && value.length > 3 ? `${value.slice(0, 3).join(", ")}, …` : cstr(value);
