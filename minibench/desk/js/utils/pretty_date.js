// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// "5 minutes ago", kept true while the page is open.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Up to which age in seconds, in which unit, and the sentence; the first that fits is taken.
const STEPS = [
	[MINUTE, 1, () => __("just now"), () => __("now")],
	[2 * MINUTE, MINUTE, () => __("1 minute ago"), (n) => __("{0} m", [n])],
	[HOUR, MINUTE, (n) => __("{0} minutes ago", [n]), (n) => __("{0} m", [n])],
	[2 * HOUR, HOUR, () => __("1 hour ago"), (n) => __("{0} h", [n])],
	[DAY, HOUR, (n) => __("{0} hours ago", [n]), (n) => __("{0} h", [n])],
	[2 * DAY, DAY, () => __("yesterday"), (n) => __("{0} d", [n])],
	[7 * DAY, DAY, (n) => __("{0} days ago", [n]), (n) => __("{0} d", [n])],
	[14 * DAY, 7 * DAY, () => __("1 week ago"), (n) => __("{0} w", [n])],
	[31 * DAY, 7 * DAY, (n) => __("{0} weeks ago", [n]), (n) => __("{0} w", [n])],
	[62 * DAY, 30 * DAY, () => __("1 month ago"), (n) => __("{0} M", [n])],
	[365 * DAY, 30 * DAY, (n) => __("{0} months ago", [n]), (n) => __("{0} M", [n])],
	[730 * DAY, 365 * DAY, () => __("1 year ago"), (n) => __("{0} y", [n])],
	[Infinity, 365 * DAY, (n) => __("{0} years ago", [n]), (n) => __("{0} y", [n])],
];

// datetime: as the server gives it. mini: the short form. A time in the future gives "".
function prettyDate(datetime, mini = false) {
	if (!datetime) return "";
	const age = moment(frappe.datetime.now_datetime()).diff(
		frappe.datetime.convert_to_user_tz(datetime),
		"seconds"
	);
	if (Number.isNaN(age) || age < 0) return "";
	const [, unit, long, short] = STEPS.find(([limit]) => age < limit);
	return (mini ? short : long)(Math.floor(age / unit));
}

function comment_when(datetime, mini = false) {
	const title = frappe.datetime.str_to_user(datetime);
	return `<span class="frappe-timestamp${mini ? " mini" : ""}" data-timestamp="${datetime}"
		title="${title}">${prettyDate(datetime, mini)}</span>`;
}

function refresh_when() {
	$(".frappe-timestamp").each((_index, element) => {
		$(element).text(prettyDate(element.dataset.timestamp, element.classList.contains("mini")));
	});
}

Object.assign(frappe.datetime, { comment_when, prettyDate, refresh_when });
Object.assign(window, { comment_when });
setInterval(refresh_when, MINUTE * 1000);
