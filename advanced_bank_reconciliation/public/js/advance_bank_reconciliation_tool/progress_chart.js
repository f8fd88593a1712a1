// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What is reconciled and what is open, by week of the statement period.
export class ProgressChart {
	constructor({ wrapper }) {
		this.$wrapper = $('<div class="abr-chart"></div>').appendTo($(wrapper));
	}

	// weeks: [{week_start, reconciled, open}]
	render(weeks, currency) {
		this.$wrapper.toggle(weeks.length > 0);
		if (!weeks.length) return;
		const data = this.data(weeks);
		if (this.chart && currency === this.currency) this.chart.update(data);
		else this.make(data, currency);
	}

	make(data, currency) {
		this.currency = currency;
		this.chart?.destroy(); // it would go on drawing into what is emptied here
		this.$wrapper.empty();
		this.chart = new frappe.Chart(this.$wrapper[0], {
			type: "bar",
			height: 180,
			animate: false,
			disableEntryAnimation: true, // a resize during it makes frappe-charts throw
			colors: ["#36a269", "#e79913"],
			barOptions: { stacked: true, spaceRatio: 0.6 },
			axisOptions: { xIsSeries: true, shortenYAxisNumbers: true },
			tooltipOptions: { formatTooltipY: (value) => format_currency(value, currency) },
			data,
		});
	}

	data(weeks) {
		return {
			labels: weeks.map((week) => frappe.datetime.str_to_user(week.week_start)),
			datasets: [
				{ name: __("Reconciled"), values: weeks.map((week) => week.reconciled) },
				{ name: __("Open"), values: weeks.map((week) => week.open) },
			],
		};
	}
}
