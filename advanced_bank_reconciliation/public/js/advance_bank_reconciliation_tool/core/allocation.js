// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Who gets how much of the bank line: the same rules as allocation/planner.py, checked against the same
// cases (tests/data/allocation_cases.json). Whole minor units; no page, no server.
//
// A claim is {key, party, asked, oldest_by, discount}. asked: what the document takes from the line,
// negative where it gives back (a credit note in a deposit). party: whose it is; only documents of one
// party net. discount: early-payment discount that is valid, where all that is open is asked for.
//
// A share is {amount, discount, difference}: what it takes from the line, and what it is settled by beside
// that. A difference is written off, or, negative, what the line brings beyond the document.

export function allocate(
	claims,
	available,
	{ largest_first = false, largest_difference = 0 } = {}
) {
	let candidates = payable(claims, largest_first);
	const settled = settle_difference(candidates, available, largest_difference);
	if (settled) return settled;
	for (;;) {
		const shares = serve(candidates, available, discounts_to_take(candidates, available));
		const unpayable = parties_without_net(candidates, shares);
		if (!unpayable.size) return shares;
		candidates = candidates.filter((claim) => !unpayable.has(claim.party));
	}
}

// By how much the claims, discounts taken, ask for more (positive) or less than the line has.
export function difference(claims, available, { largest_first = false } = {}) {
	const candidates = payable(claims, largest_first);
	return wanted(candidates, take_discounts(candidates, available).taken) - available;
}

// In the order in which they are served, without the parties that are owed nothing in all.
function payable(claims, largest_first) {
	const ordered = [...claims].sort(largest_first ? by_size : by_age);
	const net = net_asked(ordered);
	return ordered.filter((claim) => claim.asked && net.get(claim.party) > 0);
}

function by_age(a, b) {
	return compare(a.oldest_by, b.oldest_by) || compare(a.key, b.key);
}

function by_size(a, b) {
	return b.asked - a.asked || by_age(a, b);
}

function compare(a, b) {
	return a < b ? -1 : a > b ? 1 : 0;
}

// Those that make everything fit, but for the tolerance, else none: money that is short even so says nothing
// of a discount.
function discounts_to_take(ordered, available, tolerance = 0) {
	const { taken, excess } = take_discounts(ordered, available);
	return excess <= tolerance ? taken : new Map();
}

// In serving order until everything fits, and what does not fit even so.
function take_discounts(ordered, available) {
	const taken = new Map();
	const net = net_asked(ordered);
	let excess = [...net.values()].reduce((sum, amount) => sum + amount, 0) - available;
	for (const { key, party, asked, discount = 0 } of ordered) {
		if (excess <= 0) break;
		if (discount > 0 && discount < asked && discount < net.get(party)) {
			taken.set(key, discount);
			net.set(party, net.get(party) - discount);
			excess -= discount;
		}
	}
	return { taken, excess };
}

// Credit notes count in full and add to what can be paid. A discount is for whoever is paid in full.
function serve(ordered, available, discounts) {
	const shares = new Map();
	let left = available;
	for (const claim of ordered) {
		if (claim.asked < 0) {
			shares.set(claim.key, share_of(claim.asked));
			left -= claim.asked;
		}
	}
	for (const { key, asked } of ordered) {
		if (asked < 0 || left <= 0) continue;
		const discount = discounts.get(key) || 0;
		const in_full = share_of(asked - discount, discount);
		const share = in_full.amount <= left ? in_full : share_of(Math.min(asked, left));
		shares.set(key, share);
		left -= share.amount;
	}
	return shares;
}

// Everything in full, with the small difference on the last claim that keeps an amount; null where the
// difference is none or not small.
function settle_difference(ordered, available, largest_difference) {
	if (!largest_difference) return null;
	const discounts = discounts_to_take(ordered, available, largest_difference);
	const rest = wanted(ordered, discounts) - available;
	if (!rest || Math.abs(rest) > largest_difference) return null;
	const shares = new Map();
	for (const { key, asked } of ordered) {
		const discount = discounts.get(key) || 0;
		shares.set(key, share_of(asked - discount, discount));
	}
	const net = net_amounts(ordered, shares);
	const carrier = [...ordered]
		.reverse()
		.find(
			({ key, party }) => shares.get(key).amount > Math.max(rest, 0) && net.get(party) > rest
		);
	if (!carrier) return null;
	const share = shares.get(carrier.key);
	shares.set(carrier.key, { ...share, amount: share.amount - rest, difference: rest });
	return shares;
}

function share_of(amount, discount = 0) {
	return { amount, discount, difference: 0 };
}

function wanted(claims, discounts) {
	return claims.reduce((sum, { key, asked }) => sum + asked - (discounts.get(key) || 0), 0);
}

function net_asked(claims) {
	return net_of(claims, ({ asked }) => asked);
}

function net_amounts(claims, shares) {
	return net_of(
		claims.filter(({ key }) => shares.has(key)),
		({ key }) => shares.get(key).amount
	);
}

function net_of(claims, amount_of) {
	const net = new Map();
	for (const claim of claims) {
		net.set(claim.party, (net.get(claim.party) || 0) + amount_of(claim));
	}
	return net;
}

// A Payment Entry needs an amount: a party whose documents come to nothing is left out.
function parties_without_net(claims, shares) {
	const net = net_amounts(claims, shares);
	return new Set([...net].filter(([, amount]) => amount <= 0).map(([party]) => party));
}
