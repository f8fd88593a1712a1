// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Measures the form in the browser with 10,000 Bank Transactions and a dialog of 2,000 candidates. The answers
// with the rows are made up here, so the numbers are the page's own, whatever the server takes.
//   tests/browser/run_on_bench.sh SITE ../benchmarks/browser.mjs
// Elsewhere: the environment of tests/browser/lib/host.mjs, then `node --test tests/benchmarks/browser.mjs`.

import { scenario } from "../browser/lib/scenario.mjs";

const LINES = 10_000;
const CANDIDATES = 2_000;
const TICKS = 20;
const SCROLLS = 60;

const line = (bank_account) => (_value, number) => ({
	name: `ACC-BTN-2026-${number}`,
	date: `2026-03-${String(1 + (number % 28)).padStart(2, "0")}`,
	deposit: number % 3 ? 100 + number : 0,
	withdrawal: number % 3 ? 0 : 50 + number,
	unallocated_amount: number % 3 ? 100 + number : 50 + number,
	currency: "USD",
	bank_account,
	company: "ABR Test Company",
	description: `Transfer number ${number} of a customer with a rather long text in the statement`,
	reference_number: `REF-${number}`,
	bank_party_name: `Party ${number % 400}`,
});

const candidate = (_value, number) => ({
	doctype: "Sales Invoice",
	document_type: "unpaid_sales_invoice",
	name: `ACC-SINV-2026-${number}`,
	rank: CANDIDATES - number,
	reasons: ["Party matches", "Within 7 days"],
	remaining_amount: 10 + (number % 90),
	total_amount: 100,
	currency: "USD",
	posting_date: "2026-03-02",
	due_date: "2026-03-16",
	party_type: "Customer",
	party: `Party ${number % 50}`,
	party_account: "Debtors",
	oldest_by: "2026-03-16",
	effect_sign: 1,
});

// Milliseconds from the last byte of the answer until its rows are painted.
async function first_paint(page, endpoint, selector, action) {
	const painted = page.evaluate(
		([endpoint, selector]) =>
			new Promise((resolve) => {
				performance.clearResourceTimings();
				const look = () => {
					const [answer] = performance
						.getEntriesByType("resource")
						.filter(({ name }) => name.endsWith(endpoint));
					if (!answer?.responseEnd || !document.querySelector(selector))
						return requestAnimationFrame(look);
					requestAnimationFrame(() => resolve(performance.now() - answer.responseEnd));
				};
				look();
			}),
		[endpoint, selector]
	);
	await action();
	return Math.round(await painted);
}

// The longest task of the page's thread, in milliseconds, while the action goes on; tasks below 50 ms count
// as 0, for browsers do not report them.
async function longest_task(page, action) {
	await page.evaluate(() => {
		window.longest = 0;
		window.observer = new PerformanceObserver((list) => {
			for (const { duration } of list.getEntries())
				window.longest = Math.max(window.longest, duration);
		});
		window.observer.observe({ type: "longtask" });
	});
	await action();
	await page.waitForTimeout(500);
	return Math.round(await page.evaluate(() => (window.observer.disconnect(), window.longest)));
}

function scroll(page, selector) {
	return page.evaluate(
		async ([selector, steps]) => {
			const body = [...document.querySelectorAll(selector)].find(
				(element) => element.offsetParent
			);
			for (let step = 0; step < steps; step += 1) {
				body.scrollTop += 700;
				await new Promise((resolve) => requestAnimationFrame(resolve));
			}
		},
		[selector, SCROLLS]
	);
}

scenario("the form with 10,000 lines and 2,000 candidates", async ({ seed, tool, page }) => {
	const bank_account = await seed.bank_account("Benchmark");
	const lines = Array.from({ length: LINES }, line(bank_account));
	const rows = Array.from({ length: CANDIDATES }, candidate);
	await tool.intercept("get_bank_transactions", (route) =>
		route.fulfill({ json: { message: lines } })
	);
	await tool.intercept("get_candidates", (route) =>
		route.fulfill({ json: { message: { rows, has_more: false, provider_errors: [] } } })
	);
	// The server knows none of these lines: it is asked for the settings of no line in particular.
	await tool.intercept("get_abr_default_settings", (route) => route.continue({ postData: "" }));
	await tool.open(bank_account, {
		bank_statement_from_date: "2026-04-01",
		bank_statement_to_date: "2026-04-30",
	});
	const results = [];
	const note = (what, milliseconds) => results.push({ what, milliseconds });

	const again = () => page.getByRole("button", { name: "Get Unreconciled Entries" }).click();
	await page.evaluate(() =>
		document.querySelectorAll(".abr-pane .dt-row").forEach((row) => row.remove())
	);
	note(
		"table: first paint after the data",
		await first_paint(page, "get_bank_transactions", ".abr-pane .dt-row-0", again)
	);
	await tool.loaded();
	note(
		"table: longest task while scrolling",
		await longest_task(page, () => scroll(page, ".abr-pane .dt-scrollable"))
	);
	const type = async () => {
		await page.locator(".abr-search").pressSequentially("party 39", { delay: 60 });
		await tool.settled();
	};
	note("table: longest task while searching", await longest_task(page, type));

	const open = () => tool.rows().first().locator("[data-action=open]").click();
	note(
		"dialog: first paint after the data",
		await first_paint(page, "get_candidates", ".abr-candidates .dt-row-0", open)
	);
	await tool.dialog_ready();
	const tick = async () => {
		for (let number = 0; number < TICKS; number += 1) {
			await page.keyboard.press("ArrowDown");
			await page.keyboard.press(" ");
		}
	};
	await page.locator(".abr-dialog .modal-title").click();
	note("dialog: longest task while ticking", await longest_task(page, tick));
	note(
		"dialog: longest task while scrolling",
		await longest_task(page, () => scroll(page, ".abr-candidates .dt-scrollable"))
	);
	const all = () => tool.dialog.locator("[data-action=all]").click();
	note("dialog: longest task of Select All", await longest_task(page, all));
	await page.getByText(`${CANDIDATES} selected`).waitFor();
	note("dialog: longest task while ticking with all selected", await longest_task(page, tick));
	console.table(results);
});
