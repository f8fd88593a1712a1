// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The bar at the top: home, where one is, who is logged in.

export function make_navbar() {
	const name = frappe.utils.escape_html(frappe.session.user_fullname || frappe.session.user);
	$("#navbar-user").html(`
		<button class="btn btn-reset avatar-button" data-toggle="dropdown" aria-haspopup="true" aria-expanded="false"
			aria-label="${__("User Menu")}" title="${name}">
			<span class="avatar">${name.slice(0, 1).toUpperCase()}</span>
			<span class="hidden-xs">${name}</span>
		</button>
		<div class="dropdown-menu dropdown-menu-right" role="menu">
			<a class="dropdown-item" href="/app/advance-bank-reconciliation-tool">${__(
				"Advance Bank Reconciliation Tool"
			)}</a>
			<a class="dropdown-item" href="/app/bulk-bank-reconciliation">${__("Bulk Bank Reconciliation")}</a>
			<a class="dropdown-item" href="/app/advance-bank-reconciliation-settings">${__(
				"Advance Bank Reconciliation Settings"
			)}</a>
			<div class="dropdown-divider"></div>
			<button class="dropdown-item btn-reset" data-action="logout">${__("Log out")}</button>
		</div>`);
	$("#navbar-user [data-action=logout]").on("click", () => frappe.app.logout());
}
