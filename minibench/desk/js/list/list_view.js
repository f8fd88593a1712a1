// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The list of a doctype's documents, with what frappe.listview_settings[doctype] adds to it.

import { ListFilters } from "./list_filters.js";
import { ListRow } from "./list_row.js";

const PAGE_LENGTH = 20;

frappe.views.ListView = class ListView {
	constructor(doctype, parent) {
		this.doctype = doctype;
		this.parent = parent;
		this.meta = frappe.get_meta(doctype);
		this.settings = frappe.listview_settings[doctype] || {};
		this.data = [];
		this.page_length = PAGE_LENGTH;
		this.make();
	}

	make() {
		this.page = new frappe.ui.Page({ parent: this.parent, title: __(this.doctype) });
		this.list_filters = new ListFilters(this);
		this.row = new ListRow(this);
		this.$frappe_list = $('<div class="frappe-list"></div>').appendTo(this.page.main);
		this.$result = $('<div class="result"></div>').appendTo(this.$frappe_list);
		this.$no_result = $('<div class="no-result text-muted text-center hide"></div>').appendTo(
			this.$frappe_list
		);
		this.$paging_area = $('<div class="list-paging-area"></div>').appendTo(this.$frappe_list);
		this.make_standard_actions();
		this.listen();
		this.settings.onload?.(this);
	}

	make_standard_actions() {
		this.page.add_action_icon("refresh", () => this.refresh(), "", __("Reload List"));
		const { in_create, issingle } = this.meta;
		if (frappe.model.can_create(this.doctype) && !cint(in_create) && !cint(issingle)) {
			this.page.set_primary_action(
				__("Add {0}", [__(this.doctype)]),
				() => frappe.new_doc(this.doctype),
				"add"
			);
		}
	}

	listen() {
		this.$result.on("click", ".filterable", (event) => {
			event.preventDefault();
			event.stopPropagation();
			const [fieldname, operator, ...value] = event.currentTarget.dataset.filter.split(",");
			this.list_filters.add(fieldname, operator, value.join(","));
			this.refresh();
		});
		this.$result.on("click", ".list-row", (event) => {
			if ($(event.target).closest("a, button, input").length) return;
			frappe.set_route("Form", this.doctype, event.currentTarget.dataset.name);
		});
		this.$paging_area.on("click", ".btn-more", () => this.load_more());
		const refresh_soon = frappe.utils.debounce(() => this.is_shown() && this.refresh(), 1000);
		frappe.realtime.doctype_subscribe(this.doctype);
		frappe.realtime.on(
			"list_update",
			(data) => data?.doctype === this.doctype && refresh_soon()
		);
	}

	is_shown() {
		return window.cur_list === this;
	}

	// Take the filters of the route, if it brings any, and show the list.
	show() {
		window.cur_list = this;
		window.cur_frm = null;
		window.cur_page = this.page;
		frappe.breadcrumbs.set_list(this.doctype);
		frappe.utils.set_title(__(this.doctype));
		if (frappe.has_route_options()) {
			this.list_filters.set(frappe.route_options);
			frappe.route_options = null;
		} else if (!this.shown_before) {
			(this.settings.filters || []).forEach(([fieldname, operator, value]) =>
				this.list_filters.add(fieldname, operator, value)
			);
		}
		this.shown_before = true;
		return this.refresh();
	}

	async refresh() {
		this.data = await this.fetch(0, Math.max(this.data.length, this.page_length));
		this.render();
		this.settings.refresh?.(this);
	}

	async load_more() {
		this.data = this.data.concat(await this.fetch(this.data.length, this.page_length));
		this.render();
	}

	async fetch(start, page_length) {
		const args = { doctype: this.doctype, filters: this.list_filters.get() };
		const rows = frappe.call({
			method: "frappe.desk.reportview.get",
			args: {
				...args,
				fields: this.get_fields(),
				order_by: this.get_order_by(),
				start,
				page_length,
			},
		});
		const count = frappe.xcall("frappe.desk.reportview.get_count", {
			...args,
			fields: [],
			distinct: false,
		});
		this.total_count = await count;
		return rows_of((await rows).message);
	}

	get_fields() {
		const wanted = [
			"name",
			"owner",
			"modified",
			"docstatus",
			this.meta.title_field,
			frappe.meta.has_field(this.doctype, "status") && "status",
			...this.row.columns.map((df) => df.fieldname),
			...this.row.columns
				.filter((df) => df.fieldtype === "Currency")
				.map((df) => df.options),
			...(this.settings.add_fields || []),
		];
		const known = frappe.utils
			.unique(wanted.filter(Boolean))
			.filter(
				(name) =>
					frappe.meta.has_field(this.doctype, name) ||
					frappe.model.std_fields_list.includes(name)
			);
		return known.map((name) => frappe.model.get_full_column_name(name, this.doctype));
	}

	get_order_by() {
		const field = this.meta.sort_field || "modified";
		const order = cstr(this.meta.sort_order || "desc").toLowerCase();
		return `${frappe.model.get_full_column_name(field, this.doctype)} ${order}`;
	}

	render() {
		const has_rows = this.data.length > 0;
		this.$result.html(
			has_rows
				? this.row.header_html() + this.data.map((doc) => this.row.html(doc)).join("")
				: ""
		);
		this.$no_result
			.toggleClass("hide", has_rows)
			.html(`<p>${__("No {0} found", [__(this.doctype)])}</p>`);
		const more = this.data.length < this.total_count;
		this.$paging_area.html(`
			${more ? `<button class="btn btn-default btn-sm btn-more">${__("Load More")}</button>` : ""}
			<span class="list-count text-muted small">${__("{0} of {1}", [
				this.data.length,
				this.total_count,
			])}</span>`);
	}
};

// The server answers {keys, values}, or a list that is empty.
function rows_of(message) {
	if (!message?.keys) return message || [];
	return message.values.map((row) =>
		Object.fromEntries(message.keys.map((key, index) => [key, row[index]]))
	);
}

frappe.views.listview = {
	show(doctype) {
		const name = `List/${doctype}`;
		const element = frappe.container.get_page(name, (parent) => {
			const { __list_js } = frappe.get_meta(doctype);
			if (__list_js) frappe.dom.eval(__list_js);
			parent.list_view = new frappe.views.ListView(doctype, parent);
		});
		frappe.container.change_to(name);
		return element.list_view.show();
	},
};
