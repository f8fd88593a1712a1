// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const PASSWORD = "a-Password-of-2026";

// Somebody else links the Payment Entry to another line while it is ticked here.
scenario(
	"a voucher taken by another line: said once, the dialog goes on",
	async ({ seed, tool, expect_problem }) => {
		expect_problem(/./); // a refused request ends in an error that nobody catches
		const bank_account = await seed.bank_account("Taken");
		const customer = seed.unique("Taken");
		const [taken, free] = [
			await seed.payment(bank_account, customer, 45),
			await seed.payment(bank_account, customer, 45),
		];
		const line = await seed.deposit(bank_account, 45, {
			reference_number: "TAKEN-1",
		});
		const other = await seed.deposit(bank_account, 45, {
			reference_number: "TAKEN-2",
		});
		await tool.open(bank_account);
		await tool.open_line("TAKEN-1");
		await tool.tick(taken.name);
		await seed.call("reconcile", {
			bank_transaction: other.name,
			vouchers: [["Payment Entry", taken.name]],
		});
		await tool.submit();

		await tool.read_message(new RegExp(taken.name));
		assert.ok(await tool.dialog.isVisible());
		assert.deepEqual(await seed.call("links", { bank_transaction: line.name }), []);
		await tool.dialog.locator("[data-action=none]").click();
		await tool.tick(free.name);
		await tool.submit();
		await tool.toast(`${line.name} is matched.`);
		assert.equal((await seed.line(line.name)).status, "Reconciled");
	}
);

// Somebody else reconciles this very line while its dialog is open here.
scenario(
	"a line reconciled meanwhile: said once, nothing is booked twice",
	async ({ seed, tool, expect_problem }) => {
		expect_problem(/./);
		const bank_account = await seed.bank_account("Meanwhile");
		const customer = seed.unique("Meanwhile");
		const payment = await seed.payment(bank_account, customer, 45);
		const [invoice] = await seed.invoices(customer, [45]);
		const line = await seed.deposit(bank_account, 45, {
			reference_number: "GONE-1",
		});
		await tool.open(bank_account);
		await tool.open_line("GONE-1");
		await tool.search(customer);
		await tool.tick(invoice.name);
		await seed.call("reconcile", {
			bank_transaction: line.name,
			vouchers: [["Payment Entry", payment.name]],
		});
		await tool.submit();

		await tool.read_message(new RegExp(line.name));
		assert.ok(await tool.dialog.isVisible());
		assert.ok(await tool.submit_button.isEnabled());
		assert.deepEqual(await seed.outstanding([invoice]), [45]);
		assert.equal((await seed.call("links", { bank_transaction: line.name })).length, 1);
	}
);

// A user who may write Bank Transactions and read everything, but not make Payment Entries.
scenario(
	"no permission for Payment Entries: said once, readable",
	async ({ seed, new_tool, expect_problem }) => {
		expect_problem(/./);
		const email = "abr-reader@browser.example";
		await seed.call("limited_user", { email, password: PASSWORD });
		const bank_account = await seed.bank_account("Permission");
		const customer = seed.unique("Permission");
		const [invoice] = await seed.invoices(customer, [45]);
		const line = await seed.deposit(bank_account, 45, {
			reference_number: "DENIED-1",
		});
		const tool = await new_tool({ user: email, password: PASSWORD });
		await tool.open(bank_account);
		await tool.open_line("DENIED-1");
		await tool.search(customer);
		await tool.tick(invoice.name);
		await tool.submit();

		await tool.read_message(/permission|not permitted|access/i);
		assert.ok(await tool.dialog.isVisible());
		await tool.search("");
		assert.ok((await tool.candidates.count()) > 0, "the dialog still works");
		assert.deepEqual(await seed.outstanding([invoice]), [45]);
		assert.deepEqual(await seed.call("links", { bank_transaction: line.name }), []);
	}
);
