// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Above the fields of a form: progress bars, sections that a script adds, indicators, the headline.

import { Section } from "./section.js";

export class Dashboard {
	constructor(parent, frm) {
		this.parent = $(parent);
		this.frm = frm;
		this.progress_map = {};
		this.progress_area = this.make_section({ css_class: "progress-area", hidden: 1 });
		this.stats_area_row = $('<div class="row"></div>');
		this.stats_area = this.make_section({
			label: __("Stats"),
			css_class: "form-stats",
			hidden: 1,
			collapsible: 1,
			body_html: this.stats_area_row,
		});
	}

	make_section(df) {
		return new Section(this.parent, { ...df, is_dashboard_section: 1 });
	}

	// The body of a new section; it is gone at the next refresh of the form.
	add_section(body_html, label = null, css_class = "custom", hidden = false) {
		return this.make_section({
			label,
			css_class,
			hidden,
			body_html,
			make_card: true,
			collapsible: 1,
		}).body;
	}

	reset() {
		this.progress_area.body.empty();
		this.progress_area.hide();
		this.progress_map = {};
		this.stats_area_row.empty();
		this.stats_area.hide();
		this.parent.find(".custom").remove();
	}

	refresh() {
		this.reset();
	}

	show() {
		this.parent.removeClass("hidden");
	}

	hide() {
		this.parent.addClass("hidden");
	}

	// percent: a number (below zero: failed), or a list of {width, progress_class, title}.
	add_progress(title, percent, message = "") {
		this.progress_area.show();
		const $chart = $('<div class="progress-chart"></div>')
			.attr("title", title)
			.appendTo(this.progress_area.body);
		const $progress = $('<div class="progress"></div>').appendTo($chart);
		bars_of(title, percent).forEach((bar) => {
			$('<div class="progress-bar"></div>')
				.addClass(bar.progress_class)
				.css("width", bar.width)
				.attr("title", bar.title)
				.appendTo($progress);
		});
		$('<p class="progress-message text-muted small"></p>').html(message).appendTo($chart);
		this.show();
		return $chart;
	}

	show_progress(title, percent, message = "") {
		const known = this.progress_map[title];
		if (!known?.parent().length) {
			this.progress_map[title] = this.add_progress(title, percent, message);
			return;
		}
		const bars = bars_of(title, percent);
		known.find(".progress-bar").each((index, element) => {
			$(element)
				.css("width", bars[index].width)
				.removeClass("progress-bar-danger progress-bar-success")
				.addClass(bars[index].progress_class);
		});
		known.find(".progress-message").text(message);
	}

	hide_progress(title) {
		if (title) {
			this.progress_map[title]?.remove();
			delete this.progress_map[title];
		} else {
			this.progress_map = {};
			this.progress_area.body.empty();
			this.progress_area.hide();
		}
	}

	add_indicator(label, color) {
		this.show();
		this.stats_area.show();
		$(
			`<div class="col-sm-3 indicator-column"><span class="indicator ${color}">${label}</span></div>`
		).appendTo(this.stats_area_row);
		return this.stats_area_row.find(".indicator").last();
	}

	set_headline(html, color) {
		this.frm.layout.show_message(html, color);
	}

	clear_headline() {
		this.frm.layout.show_message();
	}

	set_headline_alert(text, color) {
		if (text) this.set_headline(`<div>${text}</div>`, color);
		else this.clear_headline();
	}

	add_comment(text, alert_class, permanent) {
		this.set_headline_alert(text, alert_class);
		if (!permanent) setTimeout(() => this.clear_headline(), 10000);
	}

	clear_comment() {
		this.clear_headline();
	}
}

function bars_of(title, percent) {
	if (Array.isArray(percent)) return percent;
	const width = cint(percent);
	const progress_class = width < 0 ? "progress-bar-danger" : "progress-bar-success";
	return [{ title, width: `${width < 0 ? 100 : width}%`, progress_class }];
}
