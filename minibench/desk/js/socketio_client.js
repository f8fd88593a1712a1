// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// frappe.realtime: events of the server by socket.io, as Frappe's own client subscribes to them.

class RealTimeClient {
	socket = null;
	open_docs = new Set();

	init(port, namespace) {
		const { protocol, hostname } = window.location;
		this.socket = io(`${protocol}//${hostname}:${port}/${namespace}`, {
			withCredentials: true,
			reconnectionAttempts: 3,
		});
		this.socket.on("msgprint", (message) => frappe.msgprint(message));
		this.socket.on("progress", (data) => show_progress(data));
		this.socket.on("connect", () => this.subscribe_again());
		$(document).on("form-load", (_event, frm) => {
			if (!frm.is_new()) this.doc_subscribe(frm.doctype, frm.docname);
		});
	}

	on(event, handler) {
		this.socket?.on(event, handler);
	}

	off(event, handler) {
		this.socket?.off(event, handler);
	}

	emit(event, ...args) {
		this.socket?.emit(event, ...args);
	}

	doctype_subscribe(doctype) {
		this.emit("doctype_subscribe", doctype);
	}

	doctype_unsubscribe(doctype) {
		this.emit("doctype_unsubscribe", doctype);
	}

	doc_subscribe(doctype, name) {
		const key = `${doctype}:${name}`;
		if (this.open_docs.has(key)) return;
		this.open_docs.add(key);
		this.emit("doc_subscribe", doctype, name);
	}

	doc_unsubscribe(doctype, name) {
		this.open_docs.delete(`${doctype}:${name}`);
		this.emit("doc_unsubscribe", doctype, name);
	}

	// A new connection knows nothing of what the old one had subscribed to.
	subscribe_again() {
		for (const key of this.open_docs) {
			const [doctype, ...name] = key.split(":");
			this.emit("doc_subscribe", doctype, name.join(":"));
		}
	}
}

function show_progress(data) {
	const percent = data.progress
		? (flt(data.progress[0]) / data.progress[1]) * 100
		: data.percent;
	if (percent)
		frappe.show_progress(data.title || __("Progress"), percent, 100, data.description, true);
}

const client = new RealTimeClient();
for (const name of [
	"init",
	"on",
	"off",
	"emit",
	"doctype_subscribe",
	"doctype_unsubscribe",
	"doc_subscribe",
	"doc_unsubscribe",
]) {
	frappe.realtime[name] = client[name].bind(client);
}
Object.defineProperty(frappe.realtime, "socket", { get: () => client.socket });
