// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Fields in tabs, sections and columns; which of them show ("depends_on").

import { Column, Section } from "./section.js";
import { Tab } from "./tab.js";

frappe.ui.form.Layout = class Layout {
	constructor(options = {}) {
		this.tabs = [];
		this.sections = [];
		this.sections_dict = {};
		this.fields_list = [];
		this.fields_dict = {};
		Object.assign(this, options);
	}

	make() {
		this.parent ||= this.body;
		this.wrapper = $('<div class="form-layout"></div>').appendTo(this.parent);
		this.message = $('<div class="form-message-container hidden"></div>').appendTo(
			this.wrapper
		);
		this.page = $('<div class="form-page"></div>').appendTo(this.wrapper);
		this.fields ||= frappe.meta.get_docfields(this.doctype);
		if (this.is_tabbed_layout()) this.make_tab_container();
		// A doctype that says nothing about its layout gets two columns.
		this.wrapper.toggleClass(
			"without-breaks",
			!this.fields.some((df) => df.fieldtype.endsWith(" Break"))
		);
		this.render(this.fields);
	}

	is_tabbed_layout() {
		return this.fields.some((df) => df.fieldtype === "Tab Break");
	}

	make_tab_container() {
		$(
			'<div class="form-tabs-list"><ul class="nav form-tabs" role="tablist"></ul></div>'
		).appendTo(this.page);
		this.tab_link_container = this.page.find(".form-tabs");
		this.tabs_content = $('<div class="form-tab-content tab-content"></div>').appendTo(
			this.page
		);
		if (this.fields[0].fieldtype !== "Tab Break") {
			this.fields = [
				{ fieldtype: "Tab Break", fieldname: "__details", label: __("Details") },
				...this.fields,
			];
		}
	}

	render(fields) {
		const makers = {
			"Tab Break": this.make_tab,
			"Section Break": this.make_section,
			"Column Break": this.make_column,
		};
		fields.forEach((df) => (makers[df.fieldtype] || this.make_field).call(this, df));
	}

	add_fields(fields) {
		this.fields.push(...fields);
		this.render(fields);
		fields.forEach((df) => this.fields_dict[df.fieldname]?.refresh());
	}

	make_tab(df) {
		this.current_tab = new Tab(this, df);
		this.tabs.push(this.current_tab);
		this.fields_dict[df.fieldname] = this.current_tab;
		this.section = null;
		this.column = null;
	}

	make_section(df = {}) {
		df.fieldname ||= `__section_${this.sections.length + 1}`;
		df.fieldtype = "Section Break";
		const parent = this.current_tab ? this.current_tab.wrapper : this.page;
		this.section = new Section(parent, df, this);
		this.sections.push(this.section);
		this.sections_dict[df.fieldname] = this.section;
		this.fields_dict[df.fieldname] = this.section;
		this.fields_list.push(this.section);
		this.column = null;
	}

	make_column(df = {}) {
		if (!this.section) this.make_section();
		this.column = new Column(this.section, df);
		if (df.fieldname) this.fields_list.push(this.column);
	}

	make_field(df) {
		if (!this.section) this.make_section();
		if (!this.column) this.make_column();
		const field = frappe.ui.form.make_control({
			df,
			doctype: this.doctype,
			parent: this.column.form.get(0),
			frm: this.frm,
			doc: this.doc,
			layout: this,
		});
		this.fields_list.push(field);
		this.fields_dict[df.fieldname] = field;
		this.section.add_field(field);
		this.current_tab?.add_field(field);
	}

	refresh(doc) {
		if (doc) this.doc = doc;
		this.attach_doc_and_docfields(true);
		if (this.frm) $(this.frm.wrapper).trigger("refresh-fields");
		this.refresh_dependency();
		this.refresh_sections();
		if (this.frm) this.refresh_section_collapse();
	}

	attach_doc_and_docfields(refresh = false) {
		for (const field of this.fields_list) {
			if (this.doc) {
				field.doc = this.doc;
				field.doctype = this.doc.doctype;
				field.docname = this.doc.name;
				field.df =
					frappe.meta.get_docfield(
						this.doc.doctype,
						field.df.fieldname,
						this.doc.name
					) || field.df;
			}
			if (refresh) field.refresh();
		}
	}

	refresh_fields(fields) {
		const names = fields.map((df) => df.fieldname);
		this.fields_list
			.filter((field) => names.includes(field.df.fieldname))
			.forEach((field) => field.refresh());
	}

	// A section without a visible field is not shown.
	refresh_sections() {
		$(this.wrapper)
			.find(".form-section:not(.hide-control)")
			.each((_index, element) => {
				const has_field = $(element).find(".frappe-control:not(.hide-control)").length > 0;
				$(element)
					.toggleClass("visible-section", has_field)
					.toggleClass("empty-section", !has_field);
			});
		if (this.tabs.length) this.refresh_tabs();
	}

	refresh_tabs() {
		this.tabs.forEach((tab) => tab.refresh());
		const visible = this.tabs.filter((tab) => !tab.is_hidden());
		if (!visible.includes(this.active_tab)) visible[0]?.set_active();
	}

	select_tab(label_or_fieldname) {
		const wanted = label_or_fieldname.toLowerCase();
		this.tabs
			.find((tab) =>
				[tab.label, tab.df.fieldname].some((name) => name?.toLowerCase() === wanted)
			)
			?.set_active();
	}

	refresh_section_collapse() {
		for (const section of this.sections.filter(({ df }) => cint(df.collapsible))) {
			const { collapsible_depends_on } = section.df;
			const open =
				collapsible_depends_on && this.evaluate_depends_on_value(collapsible_depends_on);
			section.collapse(!(open || section.has_missing_mandatory()));
		}
	}

	refresh_dependency() {
		for (const field of [...this.fields_list, ...this.tabs].reverse()) {
			const { depends_on, mandatory_depends_on, read_only_depends_on } = field.df;
			if (depends_on) this.set_hidden(field, !this.evaluate_depends_on_value(depends_on));
			if (mandatory_depends_on) this.set_dependent(field, "reqd", mandatory_depends_on);
			if (read_only_depends_on) this.set_dependent(field, "read_only", read_only_depends_on);
		}
		this.refresh_sections();
	}

	set_hidden(field, hidden) {
		if (Boolean(field.df.hidden_due_to_dependency) === hidden) return;
		field.df.hidden_due_to_dependency = hidden;
		field.refresh();
	}

	set_dependent(field, property, condition) {
		const value = this.evaluate_depends_on_value(condition) ? 1 : 0;
		if (cint(field.df[property]) === value) return;
		field.df[property] = value;
		field.refresh();
	}

	// condition: a boolean, a function of the document, "eval: expression", or a field's name.
	evaluate_depends_on_value(condition) {
		const doc = this.doc || this.get_values?.(true);
		if (!doc) return undefined;
		if (typeof condition === "boolean") return condition;
		if (typeof condition === "function") return condition(doc);
		if (condition.startsWith("eval:")) {
			return frappe.utils.eval(condition.slice(5), {
				doc,
				parent: this.frm ? this.frm.doc : doc,
			});
		}
		const value = doc[condition];
		return Array.isArray(value) ? value.length > 0 : Boolean(value);
	}

	// A block above the fields; without html: none. color: yellow, blue, red, green or orange.
	show_message(html, color, permanent = false) {
		if (!html) {
			this.message.empty().addClass("hidden");
			return;
		}
		const $block = $('<div class="form-message"></div>').addClass(color || "blue");
		if (frappe.utils.is_html(html)) $block.html(html);
		else $block.text(html);
		if (!permanent) {
			$(`<div class="close-message">${frappe.utils.icon("close")}</div>`)
				.appendTo($block)
				.on("click", () => $block.remove());
		}
		this.message.append($block).removeClass("hidden");
	}
};
