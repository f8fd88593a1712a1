// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A scenario: a story told in a real browser that is logged in to the host.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import test, { after } from "node:test";
import { chromium } from "playwright-core";

import { host, Seed } from "./host.mjs";
import { Tool } from "./tool.mjs";

const FLAGS = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];
const MOST_TIME = Number(process.env.ABR_MOST_TIME || 240_000); // milliseconds a scenario may take
const PATIENCE = 60_000; // milliseconds to wait for one thing on the page
const DESKTOP = { width: 1280, height: 900 };

let browser, seed;

async function start() {
	browser ??= await chromium.launch({
		executablePath: host.chromium,
		args: FLAGS,
	});
	seed ??= new Seed();
}

after(async () => {
	await browser?.close();
	seed?.close();
});

// story({seed, tool, page, new_tool, expect_problem}): tool drives the form in the first page. new_tool()
// opens another browser session, by default of the same user; expect_problem(pattern) says that an error
// in the browser's console or of its scripts belongs to the story.
export function scenario(name, story, { viewport = DESKTOP } = {}) {
	test(name, { timeout: MOST_TIME }, async () => {
		await start();
		const stage = new Stage(viewport);
		try {
			const tool = await stage.new_tool();
			await story({
				seed,
				tool,
				page: tool.page,
				new_tool: (options) => stage.new_tool(options),
				expect_problem: (pattern) => stage.expected.push(pattern),
			});
			stage.assert_no_problem();
		} catch (error) {
			await stage.keep_evidence(name);
			throw error;
		} finally {
			await stage.close();
		}
	});
}

// The browser sessions of one scenario, and what went wrong in them.
class Stage {
	constructor(viewport) {
		Object.assign(this, { viewport, tools: [], problems: [], expected: [] });
	}

	async new_tool({ user = host.user, password = host.password, viewport = this.viewport } = {}) {
		const context = await browser.newContext({ viewport, baseURL: host.url });
		context.setDefaultTimeout(PATIENCE);
		const login = await context.request.post("/api/method/login", {
			form: { usr: user, pwd: password },
		});
		assert.ok(login.ok(), `login of ${user}: ${login.status()}`);
		const page = await context.newPage();
		page.on("pageerror", (error) =>
			this.problems.push(`error: ${error.message}\n${error.stack}`)
		);
		page.on("dialog", (dialog) => {
			this.problems.push(`the page opened a ${dialog.type()}: ${dialog.message()}`);
			dialog.dismiss();
		});
		const tool = new Tool(page);
		this.tools.push(tool);
		return tool;
	}

	assert_no_problem() {
		const unexpected = this.problems.filter(
			(problem) => !this.expected.some((pattern) => pattern.test(problem))
		);
		assert.deepEqual(unexpected, []);
	}

	async keep_evidence(name) {
		if (!host.evidence) return;
		mkdirSync(host.evidence, { recursive: true });
		const file = name.replace(/[^a-z0-9]+/gi, "_").slice(0, 60);
		for (const [index, { page }] of this.tools.entries()) {
			await page
				.screenshot({
					path: path.join(host.evidence, `${file}-${index + 1}.png`),
				})
				.catch((error) => console.error(`no screenshot: ${error.message}`));
		}
	}

	async close() {
		for (const { page } of this.tools) await page.context().close();
	}
}
