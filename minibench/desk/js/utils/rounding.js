// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The three rounding methods that a site can choose in System Settings.

const round_half_up = (scaled) => Math.floor(scaled + 0.5);

const round_half_even = (scaled) => {
	const whole = Math.floor(scaled);
	return whole % 2 === 0 ? whole : whole + 1;
};

// Half to even for whole numbers only; with decimals, half away from zero.
function bankers_legacy(size, precision) {
	const scaled = Number((size * 10 ** precision).toFixed(8));
	const is_half = scaled - Math.floor(scaled) === 0.5;
	const rounded = precision === 0 && is_half ? round_half_even(scaled) : Math.round(scaled);
	return rounded / 10 ** precision;
}

// A half is anything that binary arithmetic cannot tell from one.
const tolerance = (scaled) => 2 ** (Math.log2(scaled) - 52);

function bankers(size, precision) {
	const scaled = size * 10 ** precision;
	const is_half = Math.abs(scaled - Math.floor(scaled) - 0.5) < tolerance(scaled);
	return (is_half ? round_half_even(scaled) : Math.round(scaled)) / 10 ** precision;
}

function commercial(size, precision) {
	const scaled = size * 10 ** precision;
	return round_half_up(scaled + tolerance(scaled)) / 10 ** precision;
}

const METHODS = {
	"Banker's Rounding (legacy)": bankers_legacy,
	"Banker's Rounding": bankers,
	"Commercial Rounding": commercial,
};

export function round(number, precision = 0, method = "Banker's Rounding (legacy)") {
	if (!(method in METHODS)) throw new Error(`Unknown rounding method ${method}`);
	if (!number) return 0;
	const rounded = METHODS[method](Math.abs(number), precision);
	return number < 0 ? -rounded : rounded;
}
