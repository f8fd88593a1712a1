// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import assert from "node:assert/strict";

import { scenario } from "./lib/scenario.mjs";

const PHONE = { width: 390, height: 844 };

// On a phone nothing sticks out sideways, and a match can be made.
scenario(
	"narrow screen: all of it can be reached",
	async ({ seed, tool, page }) => {
		const bank_account = await seed.bank_account("Narrow Screen");
		const customer = seed.unique("Narrow Screen");
		const payment = await seed.payment(bank_account, customer, 45);
		const line = await seed.deposit(bank_account, 45, {
			reference_number: "PHONE-1",
		});
		await tool.open(bank_account);
		const widest = () => page.evaluate(() => document.scrollingElement.scrollWidth);
		assert.ok((await widest()) <= PHONE.width, `the page is ${await widest()} wide`);
		await tool.open_line("PHONE-1");
		const box = await tool.dialog.locator(".modal-content").boundingBox();
		assert.ok(box.x >= 0 && box.x + box.width <= PHONE.width, JSON.stringify(box));
		await tool.tick(payment.name);
		await tool.submit();
		await tool.toast(`${line.name} is matched.`);
		assert.equal((await seed.line(line.name)).status, "Reconciled");
	},
	{ viewport: PHONE }
);
