// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The page's entry: puts Frappe's client API together in the order of its parts, then opens the address.

import "./provide.js";
import "./translate.js";
import "./utils/common.js";
import "./utils/number_format.js";
import "./utils/datetime.js";
import "./utils/pretty_date.js";
import "./utils/utils.js";
import "./dom.js";
import "./assets.js";
import "./defaults.js";
import "./user.js";
import "./request.js";
import "./db.js";
import "./router.js";
import "./socketio_client.js";
import "./model/model.js";
import "./model/sync.js";
import "./model/meta.js";
import "./model/perm.js";
import "./model/create_new.js";
import "./model/indicator.js";
import "./form/formatters.js";
import "./form/script_manager.js";
import "./form/layout.js";
import "./form/controls/base_control.js";
import "./form/controls/base_input.js";
import "./form/controls/data.js";
import "./form/controls/text.js";
import "./form/controls/number.js";
import "./form/controls/check.js";
import "./form/controls/select.js";
import "./form/controls/date.js";
import "./form/controls/attach.js";
import "./form/controls/button.js";
import "./form/controls/autocomplete.js";
import "./form/controls/link.js";
import "./form/controls/table.js";
import "./ui/field_group.js";
import "./ui/dialog.js";
import "./ui/file_uploader.js";
import "./ui/messages.js";
import "./ui/alerts.js";
import "./ui/keyboard.js";
import "./ui/page.js";
import "./form/form.js";
import "./views/container.js";
import "./views/breadcrumbs.js";
import "./views/formview.js";
import "./views/home.js";
import "./list/list_view.js";
import { Chart } from "frappe-charts";
import { make_navbar } from "./ui/navbar.js";

frappe.Chart = Chart;
frappe.DataTable = window.DataTable;

frappe.app = {
	redirect_to_login() {
		const { pathname, search } = window.location;
		window.location.href = `/login?redirect-to=${encodeURIComponent(pathname + search)}`;
	},
	handle_session_expired() {
		frappe.app.redirect_to_login();
	},
	async logout() {
		await frappe.call({ method: "logout" });
		frappe.app.redirect_to_login();
	},
};

async function start() {
	const answer = await fetch("/api/method/frappe.boot.get_bootinfo", {
		headers: { Accept: "application/json" },
	});
	if (answer.status === 401 || answer.status === 403) return frappe.app.redirect_to_login();
	if (!answer.ok)
		throw new Error(
			`the server answered ${answer.status} when it was asked for the desk's data`
		);
	take_boot((await answer.json()).message);
	make_navbar();
	frappe.realtime.init(frappe.boot.socketio_port, frappe.boot.sitename);
	frappe.views.formview.setup();
	frappe.router.setup();
	for (const path of frappe.boot.app_include) await frappe.require(path);
	await frappe.router.route();
	$("body").attr("data-desk", "ready");
	return undefined;
}

function take_boot(boot) {
	frappe.boot = boot;
	frappe.csrf_token = boot.csrf_token;
	frappe.sys_defaults = boot.sysdefaults;
	frappe.user_roles = boot.user.roles;
	frappe.user.name = boot.user.name;
	frappe._messages = boot.__messages || {};
	frappe.session = {
		user: boot.user.name,
		logged_in_user: boot.user.name,
		user_fullname: boot.user.full_name,
		user_email: boot.user.email,
	};
	frappe.model.sync({ docs: boot.docs });
}

start().catch((error) => {
	$("#body").text(__("The desk could not start: {0}", [error.message]));
	throw error;
});
