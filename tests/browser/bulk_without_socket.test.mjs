// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import * as bulk from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";

// The socket is cut: the page asks the server instead, and the bar still gets from 0 to 100.
scenario(
	"a bulk of 60 with the socket cut: the bar moves by asking",
	async ({ seed, tool, page }) => {
		const deposit = await bulk.bulk_deposit(seed, "Bulk Polling");
		let refused = 0;
		await page.route(/\/socket\.io\//, (route) => {
			refused += 1;
			return route.abort();
		});
		await page.routeWebSocket(/\/socket\.io\//, (socket) => {
			refused += 1;
			socket.close();
		});
		await page.clock.install();
		const heard = bulk.watch_socket(page);
		await bulk.watch_bar(page);
		await tool.open(deposit.bank_account);
		await bulk.start_bulk(tool, deposit);
		await let_time_fly(page, bulk.ended(tool.progress));

		assert.ok(refused > 0, "the page has tried the socket");
		assert.deepEqual(heard, { percentages: [], ends: 0 });
		const values = await bulk.bar_values(page);
		assert.deepEqual([values[0], values.at(-1)], [0, 100], `${values}`);
		assert.ok(values.length >= 3, `moves in between: ${values}`);
		await tool.rows(deposit.line.reference_number).waitFor({ state: "hidden" });
		await bulk.assert_settled(seed, deposit);
	}
);

// The page waits four seconds before it asks; its clock runs ahead here, so that it asks a quick job often.
async function let_time_fly(page, end) {
	let running = true;
	const over = end.finally(() => (running = false));
	while (running) {
		await page.clock.fastForward(4000);
		await page.waitForTimeout(200);
	}
	await over;
}
