# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Passwords: users' as salted hashes, others encrypted with the site's key, all in the table __Auth."""

import base64
import hashlib
import hmac
import secrets

import frappe
from frappe import _

_SCRYPT = {"n": 2**14, "r": 8, "p": 1}


def _hash(password: str, salt: bytes) -> bytes:
	return hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT)


def _store(doctype: str, name: str, fieldname: str, value: str, encrypted: int) -> None:
	frappe.db.sql(
		"""INSERT INTO `__Auth` (doctype, name, fieldname, password, encrypted) VALUES (%s, %s, %s, %s, %s)
		ON CONFLICT (doctype, name, fieldname)
		DO UPDATE SET password = excluded.password, encrypted = excluded.encrypted""",
		(doctype, name, fieldname, value, encrypted),
	)


def _read(doctype: str, name: str, fieldname: str, encrypted: int) -> str | None:
	query = (
		"SELECT password FROM `__Auth` WHERE doctype = %s AND name = %s AND fieldname = %s AND encrypted = %s"
	)
	rows = frappe.db.sql(query, (doctype, name, fieldname, encrypted))
	return rows[0][0] if rows else None


def update_password(
	user: str, pwd: str, doctype: str = "User", fieldname: str = "password", logout_all_sessions: bool = False
) -> None:
	salt = secrets.token_bytes(16)
	encoded = ":".join(base64.b64encode(part).decode() for part in (salt, _hash(pwd, salt)))
	_store(doctype, user, fieldname, encoded, 0)
	if logout_all_sessions:
		from frappe.sessions import clear_sessions

		clear_sessions(user=user)


def check_password(
	user: str, pwd: str, doctype: str = "User", fieldname: str = "password", delete_tracker_cache: bool = True
) -> str:
	"""The user's name.

	:raises AuthenticationError: unknown user or wrong password
	"""
	stored = _read(doctype, user, fieldname, 0)
	if stored:
		salt, digest = (base64.b64decode(part) for part in stored.split(":"))
		if hmac.compare_digest(_hash(pwd, salt), digest):
			return user
	raise frappe.AuthenticationError(_("Incorrect User or Password"))


def _cipher():
	from cryptography.fernet import Fernet

	if not frappe.local.conf.encryption_key:
		from frappe.installer import update_site_config

		update_site_config("encryption_key", Fernet.generate_key().decode())
	return Fernet(frappe.local.conf.encryption_key.encode())


def encrypt(txt: str) -> str:
	return _cipher().encrypt(txt.encode()).decode()


def decrypt(txt: str) -> str:
	return _cipher().decrypt(txt.encode()).decode()


def set_encrypted_password(doctype: str, name: str, pwd: str, fieldname: str = "password") -> None:
	_store(doctype, name, fieldname, encrypt(pwd), 1)


def get_decrypted_password(
	doctype: str, name: str, fieldname: str = "password", raise_exception: bool = True
) -> str | None:
	stored = _read(doctype, name, fieldname, 1)
	if stored:
		return decrypt(stored)
	if raise_exception:
		message = _("Password not found for {0} {1} {2}").format(doctype, name, fieldname)
		frappe.throw(message, frappe.AuthenticationError)


def remove_encrypted_password(doctype: str, name: str, fieldname: str = "password") -> None:
	frappe.db.sql(
		"DELETE FROM `__Auth` WHERE doctype = %s AND name = %s AND fieldname = %s AND encrypted = 1",
		(doctype, name, fieldname),
	)


def delete_all_passwords_for(doctype: str, name: str) -> None:
	frappe.db.sql("DELETE FROM `__Auth` WHERE doctype = %s AND name = %s", (doctype, name))
