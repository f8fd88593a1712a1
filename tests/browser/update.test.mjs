// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

// The bank said nothing useful: reference and party are put right, and the table shows them at once.
scenario("update reference and party of a line", async ({ seed, tool }) => {
	const bank_account = await seed.bank_account("Update");
	const customer = seed.unique("Update");
	await seed.make("make_party", { party_type: "Customer", name: customer });
	const line = await seed.deposit(bank_account, 65, {
		reference_number: "VAGUE-1",
	});
	await tool.open(bank_account);
	await tool.open_line("VAGUE-1");
	await tool.dialog_tab("update");
	await tool.input("reference_number").fill("CLEAR-1");
	await tool.pick("party_type", "Customer");
	await tool.pick("party", customer);
	await tool.submit();

	await tool.toast(`${line.name} is updated.`);
	await tool.rows("CLEAR-1").filter({ hasText: customer }).waitFor();
	assert.equal(await tool.rows("VAGUE-1").count(), 0);
	const { reference_number, party_type, party } = await seed.line(line.name);
	assert.deepEqual([reference_number, party_type, party], ["CLEAR-1", "Customer", customer]);
});
