# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Web sessions: rows of tabSessions that the cookie `sid` names."""

import datetime
import json
from typing import Any

import frappe
from frappe.utils import cint, get_datetime, now, now_datetime

UPDATE_INTERVAL = datetime.timedelta(minutes=10)


class Session:
	"""The session of a request: resumed by its sid, or a new one for a user who logs in."""

	def __init__(
		self,
		user: str | None,
		resume: bool = False,
		full_name: str | None = None,
		user_type: str | None = None,
	):
		self.data = frappe._dict(user="Guest", sid="Guest", data=frappe._dict(user="Guest"))
		if resume:
			self.resume(_requested_sid())
		elif user and user != "Guest":
			self.start(user, full_name, user_type)
		self.user = self.data.user

	def start(self, user: str, full_name: str | None, user_type: str | None) -> None:
		session = frappe._dict(user=user, full_name=full_name, user_type=user_type, last_updated=now())
		session.session_ip = frappe.local.request_ip
		self.data = frappe._dict(user=user, sid=frappe.generate_hash(), data=session)
		frappe.db.sql(
			"""INSERT INTO tabSessions (user, sid, sessiondata, ipaddress, lastupdate, status)
			VALUES (%s, %s, %s, %s, %s, 'Active')""",
			(user, self.data.sid, json.dumps(session), (frappe.local.request_ip or "")[:16], now_datetime()),
		)
		values = {"last_login": now(), "last_ip": frappe.local.request_ip}
		frappe.db.set_value("User", user, values, update_modified=False)
		frappe.db.commit()

	def resume(self, sid: str | None) -> None:
		stored = get_session_data(sid) if sid and sid != "Guest" else None
		if stored:
			self.data = frappe._dict(user=stored.user, sid=sid, data=stored)
		elif sid and sid != "Guest":
			frappe.local.response["session_expired"] = 1

	def update(self, force: bool = False) -> bool:
		"""Write the session back, at most every ten minutes unless forced. Commits."""
		if self.data.user == "Guest":
			return False
		last = get_datetime(self.data.data.last_updated) if self.data.data.last_updated else None
		if not force and last and now_datetime() - last < UPDATE_INTERVAL:
			return False
		self.data.data.last_updated = now()
		query = "UPDATE tabSessions SET sessiondata = %s, lastupdate = %s WHERE sid = %s"
		frappe.db.sql(query, (json.dumps(self.data.data), now_datetime(), self.data.sid))
		frappe.db.commit()
		return True


def _requested_sid() -> str | None:
	return frappe.local.form_dict.get("sid") or frappe.local.request.cookies.get("sid")


def get_session_data(sid: str) -> frappe._dict | None:
	"""What is stored for a sid, unless it has expired or its user was disabled."""
	rows = frappe.db.sql("SELECT user, sessiondata, lastupdate FROM tabSessions WHERE sid = %s", (sid,))
	if not rows:
		return None
	user, sessiondata, lastupdate = rows[0]
	expired = now_datetime() - lastupdate > get_expiry_period_for_query()
	if expired or not cint(frappe.db.get_value("User", user, "enabled")):
		return None
	return frappe._dict(json.loads(sessiondata), user=user)


def get_expiry_period_for_query() -> datetime.timedelta:
	"""System Settings' session expiry, "hours:minutes"."""
	hours, _colon, minutes = (frappe.get_system_settings("session_expiry") or "170:00").partition(":")
	return datetime.timedelta(hours=cint(hours), minutes=cint(minutes))


def clear_sessions(user: str | None = None, keep_current: bool = False, force: bool = False) -> None:
	query, values = "DELETE FROM tabSessions WHERE user = %s", [user or frappe.session.user]
	if keep_current:
		query += " AND sid != %s"
		values.append(frappe.session.sid)
	frappe.db.sql(query, values)


def delete_session(sid: str | None = None, user: str | None = None, reason: str = "Session Expired") -> None:
	frappe.db.sql("DELETE FROM tabSessions WHERE sid = %s", (sid,))


def get_csrf_token() -> str:
	"""The session's token, made on first use. From then on changing requests must carry it."""
	if not frappe.local.session.data.csrf_token:
		frappe.local.session.data.csrf_token = frappe.generate_hash()
		frappe.local.session_obj.update(force=True)
	return frappe.local.session.data.csrf_token


@frappe.whitelist()
def get_boot() -> dict[str, Any]:
	"""What a page needs to act for the session's user."""
	return {
		"user": frappe.session.user,
		"full_name": frappe.utils.get_fullname(),
		"roles": frappe.get_roles(),
		"csrf_token": get_csrf_token(),
		"sitename": frappe.local.site,
		"sysdefaults": frappe.defaults.get_defaults(),
		"socketio_port": frappe.conf.socketio_port,
	}


def get_user_info_by_sid(sid: str, site: str = "") -> dict[str, str] | None:
	"""User and user type of a session, for servers outside a request; None when there is no such session."""
	frappe.init(site, force=True)
	try:
		frappe.connect(set_admin_as_user=False)
		session = get_session_data(sid)
		return {"user": session.user, "user_type": session.user_type} if session else None
	finally:
		frappe.destroy()
