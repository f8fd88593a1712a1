// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// A deposit of 100.00, matched with a Payment Entry of 60.00 that existed and one of 40.00 that was made for it.
async function matched_line(seed, tool, text) {
	const bank_account = await seed.bank_account(text);
	const customer = seed.unique(text);
	const existing = await seed.payment(bank_account, customer, 60);
	const line = await seed.deposit(bank_account, 100, {
		reference_number: "BACK-1",
	});
	await seed.call("reconcile", {
		bank_transaction: line.name,
		vouchers: [["Payment Entry", existing.name]],
	});
	await tool.open(bank_account);
	await tool.open_line("BACK-1");
	await tool.dialog_tab("create");
	await tool.input("document_type").selectOption("Payment Entry");
	await tool.pick("party", customer);
	await tool.submit();
	await tool.toast(`${line.name} is matched.`);
	const links = await seed.call("links", { bank_transaction: line.name });
	const created = links
		.map(({ payment_entry }) => payment_entry)
		.find((name) => name !== existing.name);
	assert.equal((await seed.line(line.name)).unallocated_amount, 0);
	await tool.show_tab("done");
	return { line, existing: existing.name, created };
}

async function unreconcile(tool, voucher, { scope, cancel }) {
	await tool.rows(voucher).locator("[data-action=open]").click();
	const dialog = tool.page.locator(".modal.show", {
		hasText: "What to unlink",
	});
	await dialog.waitFor();
	await tool.settled();
	await dialog.locator("[data-fieldname=scope] select").selectOption(scope);
	await dialog.locator("[data-fieldname=cancel] input.input-with-feedback").setChecked(cancel);
	await dialog.locator(".btn-primary:visible").click();
	await dialog.waitFor({ state: "hidden" });
	await tool.toast("unlinked");
}

const linked = async (seed, { line }) =>
	(await seed.call("links", { bank_transaction: line.name })).map(
		({ payment_entry }) => payment_entry
	);

const docstatus = (seed, name) => seed.value("Payment Entry", name, "docstatus");

scenario(
	"unreconcile one voucher that existed: it stays, though cancelling is asked",
	async ({ seed, tool }) => {
		const match = await matched_line(seed, tool, "Back One");
		await unreconcile(tool, match.existing, { scope: "voucher", cancel: true });
		await tool.rows(match.existing).waitFor({ state: "hidden" });
		assert.deepEqual(await linked(seed, match), [match.created]);
		assert.equal(await docstatus(seed, match.existing), 1);
		assert.equal(await seed.value("Payment Entry", match.existing, "clearance_date"), null);
		assert.equal((await seed.line(match.line.name)).unallocated_amount, 60);
		await tool.show_tab("open");
		await tool.rows("BACK-1").filter({ hasText: "$ 60.00" }).waitFor();
	}
);

scenario(
	"unreconcile one voucher that was made for the line, and cancel it",
	async ({ seed, tool }) => {
		const match = await matched_line(seed, tool, "Back Made");
		await unreconcile(tool, match.created, { scope: "voucher", cancel: true });
		assert.deepEqual(await linked(seed, match), [match.existing]);
		assert.equal(await docstatus(seed, match.created), 2);
		assert.equal((await seed.line(match.line.name)).unallocated_amount, 40);
	}
);

scenario(
	"P91: unreconcile the whole line and cancel: only what was made for it",
	async ({ seed, tool }) => {
		const match = await matched_line(seed, tool, "Back All");
		await unreconcile(tool, match.created, { scope: "all", cancel: true });
		assert.deepEqual(await linked(seed, match), []);
		assert.deepEqual(
			[await docstatus(seed, match.existing), await docstatus(seed, match.created)],
			[1, 2]
		);
		const { status, unallocated_amount } = await seed.line(match.line.name);
		assert.deepEqual(
			{ status, unallocated_amount },
			{ status: "Unreconciled", unallocated_amount: 100 }
		);
		assert.equal(await tool.count("done"), "0");
	}
);

scenario(
	"P65: unreconcile the whole line without cancelling: both are unlinked",
	async ({ seed, tool }) => {
		const match = await matched_line(seed, tool, "Back Kept");
		await unreconcile(tool, match.existing, { scope: "all", cancel: false });
		assert.deepEqual(await linked(seed, match), []);
		assert.deepEqual(
			[await docstatus(seed, match.existing), await docstatus(seed, match.created)],
			[1, 1]
		);
		await tool.show_tab("open");
		await tool.rows("BACK-1").filter({ hasText: "$ 100.00" }).waitFor();
	}
);
