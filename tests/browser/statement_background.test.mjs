// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { bar_values, watch_bar } from "./lib/bulk.mjs";
import { scenario } from "./lib/scenario.mjs";
import { Import, MOST_TIME, booked, long_statement, the_record } from "./lib/statement.mjs";

const JANUARY = {
	bank_statement_from_date: "2026-01-01",
	bank_statement_to_date: "2026-01-31",
};
// Above the number from which a worker does it. For what DESIGN section 11 speaks of: ABR_STATEMENT_LINES=10000
// ABR_MOST_TIME=900000.
const LINES = Number(process.env.ABR_STATEMENT_LINES || 260);

async function start(importing, name) {
	await importing.open();
	await importing.upload(long_statement(name, LINES));
	await importing.step_is("columns");
	if (await importing.question("sign_of_amounts").count())
		await importing.answer("sign_of_amounts", "deposits");
	await importing.press("Continue");
	await importing.press(`Import ${LINES} Lines`);
	await importing.step_is("import");
}

scenario(
	"a long statement is imported in the background: the bar moves by socket events",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Import Long");
		const heard = [];
		page.on("websocket", (socket) =>
			socket.on("framereceived", ({ payload }) => {
				const event = /"statement_import_progress".*?"percentage":\s*([\d.]+)/.exec(
					String(payload)
				);
				if (event) heard.push(Number(event[1]));
			})
		);
		await watch_bar(page, ".abr-import-dialog .progress-bar");
		await tool.open(bank_account);
		const importing = new Import(tool);
		await start(importing, "long.csv");
		assert.match(await importing.primary.innerText(), /Run in Background/);
		await importing.ended();
		const values = await bar_values(page);
		assert.ok(heard.length >= 2, `events have come: ${heard}`);
		assert.ok(new Set(values).size >= 3, `the bar has moved: ${values}`);
		assert.deepEqual(await importing.outcomes("import"), {
			All: LINES,
			New: 0,
			Imported: LINES,
		});
		assert.equal(
			await importing.pane("import").locator("tbody tr").count(),
			50,
			"the first page of lines"
		);
		await importing.pane("import").locator("[data-action=more]").click();
		await importing.pane("import").locator("tbody tr").nth(99).waitFor();
		await importing.press("Show in the Tool");
		await tool.count_becomes("open", LINES);
		assert.equal((await booked(seed, bank_account)).length, LINES);
	}
);

// The window is closed while it works, and the page reloaded: a pill says how far it is, and the dialog comes
// back by it. The socket is cut, so that all of it comes by asking.
scenario(
	"a closed window, a reload and a dead socket change nothing about the import",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Import Silent");
		await page.route(/\/socket\.io\//, (route) => route.abort());
		await page.routeWebSocket(/\/socket\.io\//, (socket) => socket.close());
		await tool.open(bank_account, JANUARY);
		const importing = new Import(tool);
		await start(importing, "silent.csv");
		await importing.press("Run in Background");
		await importing.dialog.waitFor({ state: "hidden" });
		await page.reload({ waitUntil: "domcontentloaded" });
		await tool.loaded();
		const pill = page.locator("[data-import]");
		if (await pill.count()) await pill.click().catch(() => {}); // it may have ended this moment
		const { name } = await the_record(seed, bank_account);
		await wait_for_status(seed, name, "Completed");
		await page.waitForFunction(
			(count) =>
				document.querySelector("[data-tab=open] .abr-count").innerText === String(count),
			LINES,
			{ timeout: MOST_TIME }
		);
		assert.equal((await booked(seed, bank_account)).length, LINES);
	}
);

async function wait_for_status(seed, name, expected) {
	const end = Date.now() + MOST_TIME;
	let status;
	do {
		status = await seed.value("Bank Statement Import Record", name, "status");
		if (status === expected) return;
		await new Promise((resolve) => setTimeout(resolve, 500));
	} while (Date.now() < end);
	assert.equal(status, expected);
}
