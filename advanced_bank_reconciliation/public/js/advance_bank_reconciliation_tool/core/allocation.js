// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Who gets how much of the bank line: the same rules as allocation/planner.py, checked against the same
// cases (tests/data/allocation_cases.json). Whole minor units; no page, no server.
//
// A claim is {key, party, asked, oldest_by}. asked: what the document takes from the line, negative where
// it gives back (a credit note in a deposit). party: whose it is; only documents of one party net.

export function allocate(claims, available) {
	let candidates = [...claims];
	for (;;) {
		const shares = serve(candidates, available);
		const unpayable = parties_without_net(candidates, shares);
		if (!unpayable.size) return shares;
		candidates = candidates.filter((claim) => !unpayable.has(claim.party));
	}
}

// Credit notes count in full and add to what can be paid; the rest is served oldest first.
function serve(claims, available) {
	const shares = new Map();
	let left = available;
	for (const claim of claims) {
		if (claim.asked < 0) {
			shares.set(claim.key, claim.asked);
			left -= claim.asked;
		}
	}
	for (const claim of [...claims].sort(oldest_first)) {
		if (claim.asked <= 0 || left <= 0) continue;
		const share = Math.min(claim.asked, left);
		shares.set(claim.key, share);
		left -= share;
	}
	return shares;
}

function oldest_first(a, b) {
	return compare(a.oldest_by, b.oldest_by) || compare(a.key, b.key);
}

function compare(a, b) {
	return a < b ? -1 : a > b ? 1 : 0;
}

// A Payment Entry needs an amount: a party whose documents come to nothing is left out.
function parties_without_net(claims, shares) {
	const net = new Map();
	for (const claim of claims) {
		if (shares.has(claim.key)) {
			net.set(claim.party, (net.get(claim.party) || 0) + shares.get(claim.key));
		}
	}
	return new Set([...net].filter(([, amount]) => amount <= 0).map(([party]) => party));
}
