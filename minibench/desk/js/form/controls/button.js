// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A button, a heading, and a place for HTML.

frappe.ui.form.ControlButton = class ControlButton extends frappe.ui.form.ControlData {
	can_write() {
		return true;
	}

	make_input() {
		if (this.$input) return;
		const { primary, btn_size, input_class } = this.df;
		this.$input = $('<button type="button"></button>')
			.addClass(
				`btn btn-${btn_size || "xs"} ${primary ? "btn-primary" : "btn-default"} ${
					input_class || ""
				}`
			)
			.attr({ "data-fieldname": this.df.fieldname, "data-fieldtype": this.df.fieldtype })
			.prependTo(this.input_area)
			.on("click", () => this.onclick());
		this.input = this.$input.get(0);
		this.has_input = true;
		this.toggle_label(false);
	}

	onclick() {
		if (this.frm?.doc)
			this.frm.script_manager.trigger(this.df.fieldname, this.doctype, this.docname);
		else this.df.click?.();
	}

	set_input() {}

	get_value() {
		return undefined;
	}

	set_label(label) {
		if (label) this.df.label = label;
		this.$input?.html(
			(this.df.icon ? frappe.utils.icon(this.df.icon) : "") + __(this.df.label)
		);
	}
};

frappe.ui.form.ControlHTML = class ControlHTML extends frappe.ui.form.Control {
	make() {
		super.make();
		this.disp_area = this.wrapper;
	}

	refresh_input() {
		if (this.df.options) this.$wrapper.html(__(this.df.options));
	}

	html(html) {
		this.$wrapper.html(html || __(this.df.options || ""));
	}

	set_value(html) {
		if (html.appendTo) {
			html.appendTo(this.$wrapper.empty());
		} else {
			this.df.options = html;
			this.html(html);
		}
		return Promise.resolve();
	}

	get_value() {
		return undefined;
	}
};

frappe.ui.form.ControlHeading = class ControlHeading extends frappe.ui.form.ControlHTML {
	refresh_input() {
		this.$wrapper.html(`<h4>${__(this.df.label)}</h4>`);
	}
};
