// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A section of a form, with its columns. Its body folds away when it is collapsible.

export class Section {
	constructor(parent, df = {}, layout = null) {
		this.parent = parent;
		this.df = df;
		this.layout = layout;
		this.fields_list = [];
		this.columns = [];
		this.make();
		this.refresh();
	}

	make() {
		const { df } = this;
		const kind = df.is_dashboard_section ? "form-dashboard-section" : "form-section";
		this.wrapper = $(`<div class="row ${kind}${df.make_card ? " card-section" : ""}"></div>`)
			.attr("data-fieldname", df.fieldname)
			.addClass(df.css_class || "")
			.toggleClass("hide-border", Boolean(df.hide_border))
			.appendTo(this.parent);
		if (df.label) this.make_head();
		if (df.description) {
			$('<div class="col-sm-12 form-section-description"></div>')
				.html(__(df.description))
				.appendTo(this.wrapper);
		}
		this.body = $('<div class="section-body"></div>').appendTo(this.wrapper);
		if (df.body_html) this.body.append(df.body_html);
	}

	make_head() {
		this.head = $('<div class="section-head"></div>')
			.html(__(this.df.label))
			.appendTo(this.wrapper);
		if (!this.df.collapsible) return;
		this.indicator = $('<span class="ml-2 collapse-indicator mb-1"></span>').appendTo(
			this.head
		);
		this.head.addClass("collapsible").on("click", () => this.collapse());
		this.set_icon(false);
	}

	add_field(field) {
		this.fields_list.push(field);
		field.section = this;
	}

	refresh() {
		const { hidden, hidden_due_to_dependency } = this.df;
		this.wrapper.toggleClass(
			"hide-control",
			Boolean(cint(hidden) || hidden_due_to_dependency)
		);
	}

	// Fold or, without an argument, turn to the other state.
	collapse(hide = !this.is_collapsed()) {
		if (!this.head) return;
		this.body.toggleClass("hide", hide);
		this.head.toggleClass("collapsed", hide);
		this.set_icon(hide);
		if (!hide) this.fields_list.forEach((field) => field.on_section_shown?.());
	}

	set_icon(collapsed) {
		this.indicator?.html(frappe.utils.icon(collapsed ? "es-line-down" : "es-line-up", "sm"));
	}

	is_collapsed() {
		return this.body.hasClass("hide");
	}

	has_missing_mandatory() {
		return this.fields_list.some(
			(field) => field.df.reqd && is_null(this.layout?.doc?.[field.df.fieldname])
		);
	}

	hide() {
		this.wrapper.addClass("hide-control");
	}

	show() {
		this.wrapper.removeClass("hide-control");
	}
}

export class Column {
	constructor(section, df = {}) {
		this.section = section;
		this.df = df;
		section.columns.push(this);
		this.wrapper = $('<div class="form-column"><form></form></div>')
			.attr("data-fieldname", df.fieldname)
			.appendTo(section.body);
		this.form = this.wrapper.find("form").on("submit", () => false);
		if (df.label)
			$('<label class="column-label"></label>').html(__(df.label)).prependTo(this.wrapper);
		this.share_width();
	}

	share_width() {
		const width = Math.floor(12 / this.section.columns.length);
		this.section.columns.forEach((column) =>
			column.wrapper.attr("class", `form-column col-sm-${width}`)
		);
	}

	refresh() {}
}
