// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A tab of a form or dialog.

export class Tab {
	constructor(layout, df) {
		this.layout = layout;
		this.df = df;
		this.label = df.label || "";
		this.fields_list = [];
		this.make();
	}

	make() {
		const id = frappe.dom.get_unique_id();
		this.tab_link = $(`<li class="nav-item">
			<a class="nav-link" id="${id}-tab" href="#${id}" role="tab" aria-controls="${id}"></a>
		</li>`).appendTo(this.layout.tab_link_container);
		this.link = this.tab_link
			.find("a")
			.attr("data-fieldname", this.df.fieldname)
			.html(__(this.label));
		this.wrapper = $(
			`<div class="tab-pane fade" id="${id}" role="tabpanel" aria-labelledby="${id}-tab"></div>`
		)
			.attr("data-fieldname", this.df.fieldname)
			.appendTo(this.layout.tabs_content);
		this.link.on("click", (event) => {
			event.preventDefault();
			this.set_active();
		});
	}

	add_field(field) {
		this.fields_list.push(field);
		field.tab = this;
	}

	refresh() {
		this.hidden = Boolean(cint(this.df.hidden) || this.df.hidden_due_to_dependency);
		this.tab_link.toggleClass("hide", this.hidden);
	}

	is_hidden() {
		return this.hidden;
	}

	is_active() {
		return this.wrapper.hasClass("active");
	}

	// By hand, as Bootstrap finds the pane of a tab only once it is part of the page.
	set_active() {
		for (const tab of this.layout.tabs) {
			tab.link
				.toggleClass("active", tab === this)
				.attr("aria-selected", String(tab === this));
			tab.wrapper.toggleClass("active show", tab === this);
		}
		this.layout.active_tab = this;
		this.fields_list.forEach((field) => field.on_section_shown?.());
	}
}
