# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""A client that talks to a site as the desk does: log in, call whitelisted methods, listen to events."""

import json
import queue

import requests
import socketio

TIMEOUT = 60  # seconds


class ClientError(Exception):
	"""The site refused a call. The message is what the site says."""


class Client:
	"""One user's session at the web server `url` (and, once `listen` is called, at the realtime server)."""

	def __init__(self, url: str):
		self.url = url
		self.session = requests.Session()
		self.session.trust_env = False  # loopback: no proxy
		self.sio = None

	def __enter__(self) -> "Client":
		return self

	def __exit__(self, *exc: object) -> None:
		if self.sio:
			self.sio.disconnect()
		self.session.close()

	def login(self, user: str, password: str) -> None:
		"""Start a session and fetch its CSRF token. Raises ClientError when user or password are wrong."""
		self.call("login", usr=user, pwd=password)
		boot = self.get("frappe.sessions.get_boot")
		self.session.headers["X-Frappe-CSRF-Token"] = boot["csrf_token"]

	@property
	def sid(self) -> str:
		return self.session.cookies["sid"]

	def call(self, method: str, **arguments: object) -> object:
		"""POST to a whitelisted method; lists and dicts travel as JSON text, as from desk forms."""
		return self.answer(self.session.post(self.address(method), data=encoded(arguments), timeout=TIMEOUT))

	def get(self, method: str, **arguments: object) -> object:
		"""GET a whitelisted method's answer."""
		return self.answer(self.session.get(self.address(method), params=encoded(arguments), timeout=TIMEOUT))

	def address(self, method: str) -> str:
		return f"{self.url}/api/method/{method}"

	def answer(self, response: requests.Response) -> object:
		if response.ok:
			return response.json().get("message")
		raise ClientError(f"{response.status_code}: {reason_of(response)}")

	def listen(self, realtime_url: str, site: str, *events: str) -> "queue.Queue[tuple[str, dict]]":
		"""Connect to the realtime server as this session; the named events arrive in the returned queue."""
		arrived: queue.Queue = queue.Queue()
		self.sio = socketio.Client(
			reconnection_delay=0.2,
			reconnection_delay_max=1,
			websocket_extra_options={"suppress_origin": True},  # ours is among the headers
		)
		for event in events:
			self.sio.on(event, lambda message=None, event=event: arrived.put((event, message)), f"/{site}")
		self.sio.connect(
			realtime_url,
			headers={"Cookie": f"sid={self.sid}", "Origin": self.url},
			namespaces=[f"/{site}"],
			wait_timeout=10,
		)
		return arrived


def encoded(arguments: dict[str, object]) -> dict[str, object]:
	return {
		key: json.dumps(value) if isinstance(value, list | dict) else value
		for key, value in arguments.items()
	}


def reason_of(response: requests.Response) -> str:
	"""The site's own words for a refusal: its messages, else the exception, else the beginning of the page."""
	try:
		body = response.json()
	except ValueError:
		return response.text[:500]
	messages = [
		json.loads(message).get("message") for message in json.loads(body.get("_server_messages") or "[]")
	]
	return (
		"; ".join(filter(None, messages)) or body.get("exception") or body.get("message") or response.reason
	)
