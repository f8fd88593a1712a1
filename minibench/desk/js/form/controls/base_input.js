// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A control with a label, an input, the value in reading form, and a description.

frappe.ui.form.ControlInput = class ControlInput extends frappe.ui.form.Control {
	make() {
		super.make();
		this.set_input_areas();
		this.$wrapper.addClass("input-max-width");
	}

	make_wrapper() {
		if (this.only_input) {
			this.$wrapper = $('<div class="form-group frappe-control"></div>').appendTo(
				this.parent
			);
			return;
		}
		this.$wrapper = $(`<div class="frappe-control">
			<div class="form-group">
				<div class="clearfix">
					<label class="control-label"></label>
					<span class="help"></span>
				</div>
				<div class="control-input-wrapper">
					<div class="control-input"></div>
					<div class="control-value like-disabled-input" style="display: none;"></div>
					<p class="help-box small text-muted"></p>
				</div>
			</div>
		</div>`).appendTo(this.parent);
	}

	set_input_areas() {
		if (this.only_input) {
			this.input_area = this.wrapper;
			return;
		}
		this.label_area = this.label_span = this.$wrapper.find("label").get(0);
		this.input_area = this.$wrapper.find(".control-input").get(0);
		this.disp_area = this.$wrapper.find(".control-value").get(0);
	}

	can_write() {
		return this.disp_status === "Write";
	}

	refresh_input() {
		if (this.disp_status === "None") return;
		if (this.frm)
			this.value = frappe.model.get_value(this.doctype, this.docname, this.df.fieldname);
		else if (this.doc) this.value = this.doc[this.df.fieldname] || "";
		if (this.can_write() || this.only_input) this.show_input();
		else this.show_value();
		this.$input?.prop("disabled", !this.can_write());
		this.set_description();
		this.set_label();
		this.set_mandatory(this.value);
		this.set_required();
	}

	show_input() {
		$(this.disp_area).hide();
		$(this.input_area).show();
		if (!this.has_input) {
			this.make_input();
			this.df.on_make?.(this);
		}
		this.set_input(this.value ?? null);
	}

	show_value() {
		$(this.input_area).hide();
		this.set_disp_area(this.value);
		$(this.disp_area).show();
	}

	set_disp_area(value) {
		if (!this.disp_area) return;
		const text = this.df.fieldtype === "Data" ? frappe.utils.escape_html(value) : value;
		const doc = this.doc || this.frm?.doc;
		$(this.disp_area).html(frappe.format(text, this.df, { no_icon: true, inline: true }, doc));
	}

	set_label(label) {
		if (label) this.df.label = label;
		if (this.only_input || !this.label_span || this.df.label === this._label) return;
		this.label_span.innerHTML = __(this.df.label) || "&nbsp;";
		this._label = this.df.label;
		if (this.input && !this.input.id) this.input.id = frappe.dom.get_unique_id();
		if (this.input && this.label_span.tagName === "LABEL")
			this.label_span.htmlFor = this.input.id;
	}

	set_description(description) {
		if (description !== undefined) this.df.description = description;
		if (this.only_input || this.df.description === this._description) return;
		this.$wrapper.find(".help-box").html(__(this.df.description) || "");
		this._description = this.df.description;
	}

	set_new_description(description) {
		this.$wrapper.find(".help-box").html(description);
	}

	// Red once it has been asked for: not while a form loads or a dialog is being filled in.
	set_mandatory(value) {
		if (this.frm?.cscript.is_onload) return;
		if (this.layout?.is_dialog && !this.layout.primary_action_fulfilled) return;
		this.$wrapper.toggleClass("has-error", Boolean(cint(this.df.reqd)) && is_null(value));
	}

	set_invalid() {
		if (this.df.invalid !== undefined)
			this.$wrapper.toggleClass("has-error", Boolean(this.df.invalid));
	}

	set_required() {
		$(this.label_area).toggleClass("reqd", Boolean(cint(this.df.reqd)));
		this.$input?.toggleClass("bold", Boolean(cint(this.df.bold) || cint(this.df.reqd)));
	}

	toggle_label(show) {
		this.$wrapper.find(".control-label").toggleClass("hide", !show);
	}

	toggle_description(show) {
		this.$wrapper.find(".help-box").toggleClass("hide", !show);
	}
};
