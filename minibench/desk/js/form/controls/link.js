// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The name of another document, with suggestions from the server; what is typed is checked there.

const SEARCH_WAIT = 300; // milliseconds after the last key

frappe.ui.form.ControlLink = class ControlLink extends frappe.ui.form.ControlData {
	static trigger_change_on_input_event = false;

	make_input() {
		if (this.$input) return;
		$(`<div class="link-field ui-front">
			<input type="text" class="input-with-feedback form-control" autocomplete="off">
			<span class="link-btn">
				<a class="btn-clear" title="${__("Clear Link")}">${frappe.utils.icon("close", "xs")}</a>
				<a class="btn-open" title="${__("Open Link")}">${frappe.utils.icon("arrow-right", "xs")}</a>
			</span>
		</div>`).prependTo(this.input_area);
		this.$input_area = $(this.input_area);
		this.$input = this.$input_area.find("input");
		this.$link = this.$input_area.find(".link-btn");
		this.$link_open = this.$link.find(".btn-open");
		this.$link
			.find(".btn-clear")
			.on("click", () => this.$input.val("").trigger("change").trigger("focus"));
		this.setup_awesomplete();
		this.input_made();
		this.$input.attr("data-target", this.get_options());
	}

	setup_awesomplete() {
		this.awesomplete = new Awesomplete(this.$input[0], {
			minChars: 0,
			maxItems: 99,
			autoFirst: true,
			list: [],
			filter: () => true,
			sort: false,
			data: (row) => ({ label: row.label || row.value, value: row.value }),
			item: (suggestion) => this.suggestion_element(suggestion.value),
			replace: (suggestion) => this.$input.val(suggestion.value),
		});
		const search = frappe.utils.debounce(() => this.search(), SEARCH_WAIT);
		this.$input.on("input", () => {
			this.chosen = null;
			search();
		});
		this.$input.on("focus", () => {
			this.show_link_and_clear_buttons();
			if (!this.$input.val()) this.search();
		});
		this.$input.on("blur", () => setTimeout(() => this.$link.hide(), 250));
		this.$input_area.on("mouseenter", () => this.show_link_and_clear_buttons());
		this.$input_area.on("mouseleave", () => this.$input.is(":focus") || this.$link.hide());
		this.$input.on("awesomplete-selectcomplete", () => {
			this.chosen = this.$input.val();
			this.$input.trigger("change");
		});
	}

	suggestion_element(value) {
		const row = this.suggestions.find((suggestion) => suggestion.value === cstr(value));
		const $item = $('<li role="option"><p><strong></strong></p></li>').attr(
			"title",
			row.label || row.value
		);
		$item.find("strong").text(__(row.label || row.value));
		if (row.description && row.description !== row.value) {
			$("<span>")
				.addClass("small text-muted")
				.text(row.description)
				.appendTo($item.find("p").append("<br>"));
		}
		return $item.get(0);
	}

	get_options() {
		return this.df.options;
	}

	get_reference_doctype() {
		return this.doctype || (window.cur_list ? window.cur_list.doctype : "");
	}

	search() {
		const doctype = this.get_options();
		if (!doctype) return;
		const args = {
			txt: this.$input.val(),
			doctype,
			ignore_user_permissions: cint(this.df.ignore_user_permissions),
			reference_doctype: this.get_reference_doctype() || "",
			page_length: cint(frappe.boot.sysdefaults.link_field_results_limit) || 10,
		};
		this.set_custom_query(args);
		frappe.call({
			method: "frappe.desk.search.search_link",
			args,
			callback: (r) => this.show_suggestions(r.message),
		});
	}

	// Not when the answer comes after the choice: the list would cover what is below.
	show_suggestions(rows) {
		if (!this.$input.is(":focus") || (this.chosen && this.chosen === this.$input.val()))
			return;
		this.suggestions = frappe.utils
			.unique(rows.map((row) => row.value))
			.map((value) => rows.find((row) => row.value === value));
		this.awesomplete.list = this.suggestions;
	}

	// get_query: filters, a server method's path, or a function that gives either as {filters, query}.
	set_custom_query(args) {
		let query = this.get_query || this.df.get_query;
		if (typeof query === "function") {
			query = query(this.frm?.doc || this.doc, this.doctype, this.docname);
		} else if ($.isPlainObject(query) && !query.filters && !query.query) {
			query = { filters: query };
		}
		if (typeof query === "string") query = { query };
		if (query) Object.assign(args, query, { filters: without_nulls(query.filters) });
		if (this.df.filters) args.filters = { ...(args.filters || {}), ...this.df.filters };
	}

	// The name as the server writes it; "" when there is no such document.
	async validate(value) {
		if (this._validated) return value;
		if (!value || this.df.ignore_link_validation || !this.get_options()) {
			this.set_fetched_values({});
			return value || "";
		}
		const targets = this.frm?.fetch_dict[this.df.fieldname] || {};
		const answer = await frappe.xcall("frappe.client.validate_link", {
			doctype: this.get_options(),
			docname: value,
			fields: Object.values(targets),
		});
		this.set_fetched_values(answer || {});
		return answer?.name || "";
	}

	set_fetched_values(source) {
		const targets = this.frm?.fetch_dict[this.df.fieldname] || {};
		for (const [target, fieldname] of Object.entries(targets)) {
			frappe.model.set_value(this.doctype, this.docname, target, source[fieldname] ?? "");
		}
	}

	show_link_and_clear_buttons() {
		const name = this.$input.val();
		if (!name || !this.get_options() || !this.can_write()) return;
		this.$link.show();
		this.$link_open.attr("href", frappe.utils.get_form_link(this.get_options(), name));
	}
};

function without_nulls(filters) {
	if (!$.isPlainObject(filters)) return filters;
	return Object.fromEntries(
		Object.entries(filters).filter(([, value]) => value !== undefined && value !== null)
	);
}

frappe.ui.form.ControlDynamicLink = class ControlDynamicLink extends frappe.ui.form.ControlLink {
	// The doctype stands in the field that options names.
	get_options() {
		if (this.df.get_options) return this.df.get_options(this);
		const { options } = this.df;
		if (this.doc && !this.layout?.is_dialog) return this.doc[options];
		return this.layout?.get_value?.(options) || this.doc?.[options];
	}
};
