// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// A deposit of 65.00 of which the books know nothing: a Payment Entry on account is made from it. Undo in the
// toast takes it off and cancels it, for it was made for this line.
scenario("create a Payment Entry, and undo it in the toast", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Create Payment");
	const customer = seed.unique("Create Payment");
	await seed.make("make_party", { party_type: "Customer", name: customer });
	const line = await seed.deposit(bank_account, 65, {
		reference_number: "CREATE-1",
	});
	await tool.open(bank_account);
	await tool.open_line("CREATE-1");
	await tool.dialog_tab("create");
	await tool.input("document_type").selectOption("Payment Entry");
	assert.equal(await tool.input("party_type").inputValue(), "Customer");
	await tool.pick("party", customer);
	await tool.submit();
	const toast = await tool.toast(`${line.name} is matched.`);

	const [link] = await seed.call("links", { bank_transaction: line.name });
	assert.equal(link.payment_document, "Payment Entry");
	const fields = ["party", "payment_type", "paid_amount", "reference_no", "docstatus"];
	assert.deepEqual(await seed.value("Payment Entry", link.payment_entry, ...fields), {
		party: customer,
		payment_type: "Receive",
		paid_amount: 65,
		reference_no: "CREATE-1",
		docstatus: 1,
	});
	await tool.rows("CREATE-1").waitFor({ state: "hidden" });
	await tool.show_tab("done");
	assert.match(await tool.rows(link.payment_entry).innerText(), /Voucher Created/);

	await tool.show_tab("open");
	await toast.getByText("Undo").click();
	await tool.rows("CREATE-1").waitFor();
	assert.equal(await seed.value("Payment Entry", link.payment_entry, "docstatus"), 2);
	assert.equal((await seed.line(line.name)).unallocated_amount, 65);
});

scenario(
	"what is missing in a new voucher is said, and nothing is made",
	async ({ seed, tool }) => {
		const bank_account = await seed.bank_account("Create Nothing");
		const line = await seed.deposit(bank_account, 65, {
			reference_number: "CREATE-2",
		});
		await tool.open(bank_account);
		await tool.open_line("CREATE-2");
		await tool.dialog_tab("create");
		await tool.input("document_type").selectOption("Payment Entry");
		await tool.submit();
		await tool.read_message(/Party/);
		assert.ok(await tool.dialog.isVisible());
		assert.deepEqual(await seed.call("links", { bank_transaction: line.name }), []);
	}
);
