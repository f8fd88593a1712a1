// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A page of the desk: title, indicator, buttons, menu, and the main section below.

frappe.ui.Page = class Page {
	constructor({ parent, title = "" }) {
		this.parent = parent;
		this.wrapper = $(parent);
		this.make();
		this.set_title(title);
	}

	make() {
		this.wrapper.html(PAGE_HTML());
		this.container = this.wrapper.find(".page-body");
		this.head = this.wrapper.find(".page-head");
		this.body = this.main = this.wrapper.find(".layout-main-section");
		this.page_form = this.wrapper.find(".page-form");
		this.$title_area = this.wrapper.find(".title-area");
		this.$sub_title_area = this.wrapper.find(".sub-heading");
		this.indicator = this.wrapper.find(".title-area .indicator-pill");
		this.page_actions = this.wrapper.find(".page-actions");
		this.standard_actions = this.wrapper.find(".standard-actions");
		this.inner_toolbar = this.custom_actions = this.wrapper.find(".custom-actions");
		this.btn_primary = this.wrapper.find(".primary-action");
		this.btn_secondary = this.wrapper.find(".btn-secondary");
		this.menu_btn_group = this.wrapper.find(".menu-btn-group");
		this.menu = this.menu_btn_group.find(".dropdown-menu");
		this.actions_btn_group = this.wrapper.find(".actions-btn-group");
		this.actions = this.actions_btn_group.find(".dropdown-menu");
		this.icon_group = this.wrapper.find(".page-icon-group");
		this.fields_dict = {};
	}

	set_title(title = "", _icon = null, strip = true, tab_title = "") {
		this.title = strip ? strip_html(title) : title;
		frappe.utils.set_title(tab_title || this.title);
		this.$title_area.find(".title-text").html(this.title).attr("title", this.title);
	}

	set_title_sub(html) {
		this.$sub_title_area.html(html).toggleClass("hide", !html);
	}

	get_title_area() {
		return this.$title_area;
	}

	set_indicator(label, color) {
		this.clear_indicator().removeClass("hide").html(`<span>${label}</span>`).addClass(color);
	}

	clear_indicator() {
		return this.indicator
			.attr("class", "indicator-pill no-indicator-dot whitespace-nowrap hide")
			.empty();
	}

	// Buttons at the right: primary and secondary

	set_primary_action(label, click, icon, working_label) {
		return this.set_action(this.btn_primary, { label, click, icon, working_label });
	}

	set_secondary_action(label, click, icon, working_label) {
		return this.set_action(this.btn_secondary, { label, click, icon, working_label });
	}

	set_action($button, { label, click, icon, working_label }) {
		this.clear_action_of($button);
		const html = icon
			? `${frappe.utils.icon(icon.icon || icon, "xs")} <span>${__(label)}</span>`
			: label;
		$button.removeClass("hide").prop("disabled", false).html(html).attr("data-label", label);
		if (working_label) $button.attr("data-working-label", working_label);
		return $button.on("click", () =>
			this.disable_while($button, click.call($button[0], [$button]))
		);
	}

	clear_action_of($button) {
		$button.addClass("hide").off("click").removeAttr("data-working-label");
	}

	clear_primary_action() {
		this.clear_action_of(this.btn_primary);
	}

	clear_secondary_action() {
		this.clear_action_of(this.btn_secondary);
	}

	clear_actions() {
		this.clear_primary_action();
		this.clear_secondary_action();
	}

	// A button is disabled until the promise of its action has settled.
	disable_while($button, promise) {
		if (!promise?.then) return;
		$button.prop("disabled", true);
		const enable = () => $button.prop("disabled", false);
		promise.then(enable, enable);
	}

	// Inner buttons, perhaps in a group

	add_inner_button(label, action, group, type = "default") {
		const click = (event) => {
			event.preventDefault();
			this.disable_while($(event.currentTarget), action());
		};
		this.add_menu_item(group ? `${group} > ${label}` : label, click)
			.parent()
			.addClass("hidden-xl");
		this.inner_toolbar.removeClass("hide");
		const data_label = encodeURIComponent(label);
		if (!group) {
			const $known = this.inner_toolbar.find(`button[data-label="${data_label}"]`);
			if ($known.length) return $known;
			return $(
				`<button data-label="${data_label}" class="btn btn-${type} ellipsis">${__(
					label
				)}</button>`
			)
				.on("click", click)
				.appendTo(this.inner_toolbar);
		}
		const $menu = this.get_or_add_inner_group_button(group).find(".dropdown-menu");
		if ($menu.find(`a[data-label="${data_label}"]`).length) return undefined;
		return $(`<a class="dropdown-item" href="#" data-label="${data_label}">${label}</a>`)
			.on("click", click)
			.appendTo($menu);
	}

	get_inner_group_button(label) {
		return this.inner_toolbar.find(
			`.inner-group-button[data-label="${encodeURIComponent(label)}"]`
		);
	}

	get_or_add_inner_group_button(label) {
		const $known = this.get_inner_group_button(label);
		if ($known.length) return $known;
		return $(`<div class="inner-group-button" data-label="${encodeURIComponent(label)}">
			<button type="button" class="btn btn-default ellipsis" data-toggle="dropdown" aria-haspopup="true"
				aria-expanded="false">${label} ${frappe.utils.icon("select", "xs")}</button>
			<div role="menu" class="dropdown-menu dropdown-menu-right"></div>
		</div>`).appendTo(this.inner_toolbar);
	}

	find_inner_button(label, group) {
		const data_label = encodeURIComponent(__(label));
		if (group)
			return this.get_inner_group_button(__(group)).find(
				`.dropdown-item[data-label="${data_label}"]`
			);
		return this.inner_toolbar.find(`button[data-label="${data_label}"]`);
	}

	remove_inner_button(label, group) {
		this.find_inner_button(label, group).remove();
		if (!group) return;
		const $group = this.get_inner_group_button(__(group));
		if (!$group.find(".dropdown-item").length) $group.remove();
	}

	change_inner_button_type(label, group, type) {
		this.find_inner_button(label, group).attr("class", `btn btn-${type} ellipsis`);
	}

	set_inner_btn_group_as_primary(label) {
		this.get_or_add_inner_group_button(label)
			.find("button")
			.removeClass("btn-default")
			.addClass("btn-primary");
	}

	add_inner_message(message) {
		this.inner_toolbar.find(".inner-page-message").remove();
		const $message = $(`<span class="inner-page-message text-muted small">${message}</span>`);
		this.inner_toolbar.removeClass("hide").prepend($message);
		return $message;
	}

	clear_inner_toolbar() {
		this.inner_toolbar.empty().addClass("hide");
	}

	clear_custom_actions() {
		this.clear_inner_toolbar();
	}

	// The menu (three dots)

	add_menu_item(label, click, standard = false) {
		this.menu_btn_group.removeClass("hide");
		return this.add_dropdown_item(this.menu, label, click, standard);
	}

	add_dropdown_item($menu, label, click, standard) {
		const $link = $(
			`<a class="grey-link dropdown-item" href="#"><span class="menu-item-label">${__(
				label
			)}</span></a>`
		);
		$link.attr("data-label", encodeURIComponent(label)).on("click", (event) => {
			event.preventDefault();
			click(event);
		});
		$(`<li class="${standard ? "" : "user-action"}"></li>`)
			.append($link)
			.appendTo($menu);
		return $link;
	}

	add_divider() {
		return $('<li class="dropdown-divider user-action"></li>').appendTo(this.menu);
	}

	clear_menu() {
		this.menu.empty();
		this.menu_btn_group.addClass("hide");
	}

	clear_user_actions() {
		this.menu.find(".user-action").remove();
		this.menu_btn_group.toggleClass("hide", !this.menu.children().length);
	}

	add_action_item(label, click) {
		this.actions_btn_group.removeClass("hide");
		return this.add_dropdown_item(this.actions, label, click, false);
	}

	clear_actions_menu() {
		this.actions.empty();
		this.actions_btn_group.addClass("hide");
	}

	add_action_icon(icon, click, css_class = "", tooltip = "") {
		return $(
			`<button class="text-muted btn btn-default ${css_class} icon-btn">${frappe.utils.icon(
				icon
			)}</button>`
		)
			.attr({
				title: tooltip || frappe.unscrub(icon),
				"aria-label": tooltip || frappe.unscrub(icon),
			})
			.on("click", click)
			.appendTo(this.icon_group.removeClass("hide"));
	}

	// Fields in a row above the main section

	add_field(df, parent) {
		this.page_form.removeClass("hide");
		const field = frappe.ui.form.make_control({
			df: { ...df, placeholder: df.placeholder || __(df.label) },
			parent: parent || this.page_form,
			only_input: df.fieldtype !== "Check",
		});
		field.refresh();
		field.$wrapper.addClass("col-md-2").attr("title", __(df.label));
		if (df.default) field.set_input(df.default);
		this.fields_dict[df.fieldname || df.label] = field;
		return field;
	}

	clear_fields() {
		this.page_form.empty().addClass("hide");
		this.fields_dict = {};
	}

	get_form_values() {
		return Object.fromEntries(
			Object.entries(this.fields_dict).map(([name, field]) => [name, field.get_value()])
		);
	}
};

const PAGE_HTML = () => `
	<div class="page-head flex">
		<div class="container">
			<div class="row flex align-center page-head-content justify-between">
				<div class="col page-title">
					<div class="flex fill-width title-area">
						<h3 class="ellipsis title-text"></h3>
						<span class="indicator-pill no-indicator-dot whitespace-nowrap hide"></span>
						<div class="ellipsis sub-heading hide text-muted"></div>
					</div>
				</div>
				<div class="flex col page-actions justify-content-end">
					<div class="custom-actions hide hidden-md"></div>
					<div class="standard-actions flex">
						<span class="page-icon-group hide"></span>
						<div class="menu-btn-group hide">
							<button type="button" class="btn btn-default icon-btn" data-toggle="dropdown"
								aria-expanded="false" aria-label="${__("Menu")}">
								<span class="menu-btn-group-label">${frappe.utils.icon("dot-horizontal")}</span>
							</button>
							<ul class="dropdown-menu dropdown-menu-right" role="menu"></ul>
						</div>
						<button class="btn btn-secondary btn-default btn-sm hide"></button>
						<div class="actions-btn-group hide">
							<button type="button" class="btn btn-primary btn-sm" data-toggle="dropdown"
								aria-expanded="false">${__("Actions")} ${frappe.utils.icon("select", "xs")}</button>
							<ul class="dropdown-menu dropdown-menu-right" role="menu"></ul>
						</div>
						<button class="btn btn-primary btn-sm hide primary-action"></button>
					</div>
				</div>
			</div>
		</div>
	</div>
	<div class="container page-body">
		<div class="page-wrapper">
			<div class="page-content">
				<div class="layout-main-section-wrapper">
					<div class="layout-main-section frappe-card">
						<div class="page-form flex hide"></div>
					</div>
				</div>
			</div>
		</div>
	</div>`;
