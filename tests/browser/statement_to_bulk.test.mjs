// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";
import { Import, altered, booked } from "./lib/statement.mjs";

// The whole way in one sitting: a bank's file with a collective deposit of 600.00 is uploaded, checked and
// imported; the deposit is found in the tool and pays the 60 open invoices that it stands for, in the background.
scenario("from upload to a reconciled bulk deposit", async ({ seed, tool }) => {
	await seed.call("settings", {
		reconcile_unpaid_invoices_in_background: 1,
		bulk_threshold: 50,
		batch_size: 10,
		on_invoice_failure: "Skip and report",
	});
	const bank_account = await seed.bank_account("Upload to Bulk");
	const customer = seed.unique("Upload to Bulk");
	const invoices = await seed.invoices(customer, Array(bulk.INVOICES).fill(10));
	const reference = seed.unique("COLLECT").replaceAll(" ", "-");
	const file = altered(
		"camt053_v02_de_sparkasse.xml",
		[
			["EUR", "USD"],
			["1250.00", "600.00"],
			["2190.75", "1540.75"],
			["RE-2026-017", reference],
			["Holzbau Probst GmbH", customer],
		],
		"collective_deposit.xml"
	);

	await tool.open(bank_account);
	const importing = new Import(tool);
	await importing.open();
	await importing.upload(file);
	await importing.step_is("check");
	await importing.pane("check").locator('.abr-proof[data-proven="true"]').waitFor();
	await importing.press("Import 2 Lines");
	await importing.ended();
	await importing.press("Show in the Tool");
	await importing.dialog.waitFor({ state: "hidden" });
	await tool.count_becomes("open", 2);
	await tool.card("statement").filter({ hasText: "1,540.75" }).waitFor();

	const line = (await booked(seed, bank_account)).find(({ deposit }) => deposit === 600);
	assert.equal(line.reference_number, reference);
	await bulk.start_bulk(tool, { customer, line });
	await bulk.ended(tool.progress);
	await tool.close(tool.progress);
	await tool.rows(reference).waitFor({ state: "hidden" });
	await bulk.assert_settled(seed, { invoices, line });
	assert.equal(await tool.count("open"), "1", "the other line of the statement is still open");
});
