// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// frappe.require: a bundle by its name, or any file by its address. A bundle's script is loaded as the
// module that it is; on a bench esbuild has made one file of the same modules.

const loaded = new Map();

function load(path) {
	const address = frappe.boot.assets_json[path] || path;
	if (!loaded.has(address)) loaded.set(address, fetch_asset(path, address));
	return loaded.get(address);
}

function fetch_asset(path, address) {
	if (path.includes(".bundle.") && !(path in frappe.boot.assets_json)) {
		return Promise.reject(new Error(`frappe.require: there is no ${path}`));
	}
	if (address.split("?")[0].endsWith(".css"))
		return add_element("link", { rel: "stylesheet", href: address });
	if (path.includes(".bundle.")) return import(address);
	return add_element("script", { src: address });
}

function add_element(tag, attributes) {
	return new Promise((resolve, reject) => {
		const element = Object.assign(document.createElement(tag), attributes);
		element.onload = resolve;
		element.onerror = () =>
			reject(new Error(`cannot load ${attributes.src || attributes.href}`));
		document.head.append(element);
	});
}

frappe.require = async function (items, callback) {
	const paths = [].concat(items);
	frappe.dom.freeze();
	try {
		for (const path of paths) await load(path);
	} finally {
		frappe.dom.unfreeze();
	}
	callback?.();
};
