// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Dates and times. The server speaks YYYY-MM-DD in the site's time zone; people read their own format.

const DATE = "YYYY-MM-DD";
const TIME = "HH:mm:ss";
const DATETIME = `${DATE} ${TIME}`;

moment.defaultFormat = DATE;
Object.assign(frappe, {
	defaultDateFormat: DATE,
	defaultTimeFormat: TIME,
	defaultDatetimeFormat: DATETIME,
});

const system_zone = () => frappe.boot.time_zone?.system || frappe.sys_defaults.time_zone || "UTC";
const user_zone = () => frappe.boot.time_zone?.user || system_zone();
const now = (format, zone = user_zone()) => moment.tz(zone).format(format);

const user_date_format = () => frappe.datetime.get_user_date_fmt().toUpperCase();
const user_time_format = () => frappe.datetime.get_user_time_fmt();

Object.assign(frappe.datetime, {
	get_user_date_fmt: () => frappe.sys_defaults.date_format || "yyyy-mm-dd",
	get_user_time_fmt: () => frappe.sys_defaults.time_format || TIME,

	str_to_obj: (text) => moment(text, DATETIME).toDate(),
	obj_to_str: (date) => moment(date).locale("en").format(),
	obj_to_user: (date) => moment(date).format(user_date_format()),

	str_to_user(text, only_time = false, only_date = false) {
		if (!text) return "";
		if (only_time) return moment(text, TIME).format(user_time_format());
		if (only_date || !cstr(text).includes(" "))
			return moment(text, DATE).format(user_date_format());
		const moment_there = moment.tz(text, DATETIME, system_zone()).tz(user_zone());
		return moment_there.format(`${user_date_format()} ${user_time_format()}`);
	},

	user_to_str(text, only_time = false) {
		if (only_time) return moment(text, user_time_format()).format(TIME);
		const with_time = text.includes(" ");
		const format = user_date_format() + (with_time ? ` ${user_time_format()}` : "");
		const read = moment(text, [format.replace("YYYY", "YY"), format]);
		return read.locale("en").format(with_time ? DATETIME : DATE);
	},

	user_to_obj: (text) => frappe.datetime.str_to_obj(frappe.datetime.user_to_str(text)),

	convert_to_user_tz(text, as_text = true) {
		const converted = moment.tz(text, system_zone()).tz(user_zone());
		return as_text === false ? converted : converted.format(DATETIME);
	},

	now_date: () => now(DATE),
	nowdate: () => now(DATE),
	get_today: () => now(DATE),
	now_time: () => now(TIME),
	now_datetime: () => now(DATETIME),
	system_datetime: () => now(DATETIME, system_zone()),

	get_diff: (later, earlier) => moment(later).diff(earlier, "days"),
	get_day_diff: (later, earlier) => moment(later).diff(earlier, "days"),
	get_hour_diff: (later, earlier) => moment(later).diff(earlier, "hours"),
	get_minute_diff: (later, earlier) => moment(later).diff(earlier, "minutes"),
	add_days: (date, days) => moment(date).add(days, "days").format(),
	add_months: (date, months) => moment(date).add(months, "months").format(),

	week_start: () => moment().startOf("week").format(),
	week_end: () => moment().endOf("week").format(),
	month_start: () => moment().startOf("month").format(),
	month_end: () => moment().endOf("month").format(),
	quarter_start: () => moment().startOf("quarter").format(),
	quarter_end: () => moment().endOf("quarter").format(),
	year_start: () => moment().startOf("year").format(),
	year_end: () => moment().endOf("year").format(),

	global_date_format: (date) => moment(date).format("Do MMMM YYYY"),
	get_time: (timestamp) => moment(timestamp).format("hh:mm A"),
	validate: (text) => moment(text, [DATE, DATETIME, TIME], true).isValid(),
});
