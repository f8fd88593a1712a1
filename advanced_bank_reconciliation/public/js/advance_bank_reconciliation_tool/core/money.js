// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Amounts as whole minor units, as allocation/money.py does it: rounded once, half away from zero.

export function to_minor(amount, precision) {
	const value = Number(amount) || 0;
	const shifted = Number(`${Math.abs(value)}e${precision}`);
	// Very small or very large numbers print with an exponent; they have no place in a bank line.
	const minor = Number.isNaN(shifted) ? Math.abs(value) * 10 ** precision : shifted;
	return Math.sign(value) * Math.round(minor) || 0;
}

export function to_major(minor, precision) {
	return Number(`${minor}e-${precision}`);
}
