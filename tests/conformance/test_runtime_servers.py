# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""minibench's web and realtime servers as real processes, seen by a real HTTP and socket.io client."""

import os
import queue
import time

import frappe
import pytest
import requests
import socketio
from frappe.utils.password import update_password

from minibench.client import Client, ClientError
from minibench.processes import Processes, restart_redis
from minibench.site import ADMIN_PASSWORD, Site

USER = "clerk@servers.example"
PASSWORD = "a-password-of-the-clerk"
READABLE = ("Currency", "USD")  # a document that USER may read


@pytest.fixture(scope="module")
def site():
	if not frappe.db.exists("User", USER):
		user = frappe.get_doc(
			{"doctype": "User", "email": USER, "first_name": "Clerk", "send_welcome_email": 0}
		)
		user.insert()
		user.add_roles("Accounts User")
	update_password(USER, PASSWORD)
	frappe.db.commit()
	return Site(os.environ["MINIBENCH_SITE"])


@pytest.fixture(scope="module")
def servers(site):
	with Processes(site) as processes:
		yield processes.start_web(), processes.start_realtime()


@pytest.fixture
def client(servers):
	with Client(servers[0]) as client:
		client.login(USER, PASSWORD)
		yield client


def published(events: queue.Queue, event: str, message: dict, **target: str) -> bool:
	"""Whether `message`, published to `target`, arrives. A marker to everybody, sent after it, ends the wait."""
	frappe.publish_realtime(event, message, **target)
	frappe.publish_realtime("marker", {}, room="website")
	seen = []
	while not seen or seen[-1] != ("marker", {}):
		seen.append(events.get(timeout=10))
	return (event, message) in seen


# Web


def test_a_wrong_password_is_refused(servers):
	with Client(servers[0]) as client, pytest.raises(ClientError, match=r"^401"):
		client.login(USER, "not the password")


def test_the_session_knows_its_user(client):
	assert client.get("frappe.auth.get_logged_user") == USER


def test_a_post_without_the_csrf_token_is_refused(client):
	del client.session.headers["X-Frappe-CSRF-Token"]
	with pytest.raises(ClientError, match=r"^400"):
		client.call("frappe.auth.get_logged_user")


def test_a_name_that_leads_here_by_accident_is_not_served(servers):
	"""DNS rebinding: a foreign page's host name that resolves to loopback gets nothing."""
	response = requests.get(f"{servers[0]}/api/method/ping", headers={"Host": "evil.example"}, timeout=10)
	assert response.status_code == 400
	assert "pong" not in response.text


def test_the_login_page_logs_in(servers):
	session = requests.Session()
	page = session.get(f"{servers[0]}/login", timeout=10)
	assert page.status_code == 200
	assert '<form method="post" action="/login">' in page.text
	wrong = session.post(f"{servers[0]}/login", data={"usr": USER, "pwd": "wrong"}, timeout=10)
	assert wrong.status_code == 401
	assert "not right" in wrong.text
	form = {"usr": USER, "pwd": PASSWORD, "redirect-to": "https://evil.example/"}
	right = session.post(f"{servers[0]}/login", data=form, timeout=10, allow_redirects=False)
	assert right.status_code == 303
	assert right.headers["Location"] == "/app"
	assert (
		session.get(f"{servers[0]}/api/method/frappe.auth.get_logged_user", timeout=10).json()["message"]
		== USER
	)


def test_unknown_pages_are_not_found(servers):
	for path in ("/nonsense", "/assets/advanced_bank_reconciliation/../hooks.py", "/assets/frappe/x.js"):
		assert requests.get(servers[0] + path, timeout=10).status_code == 404


def test_an_uploaded_file_is_kept_as_it_is(client):
	"""As the desk's uploader sends it: private, in the folder Home, attached to nothing, its bytes untouched."""
	content = "Date;Text\r\n2026-01-31;Café".encode("utf-16")
	response = client.session.post(
		client.address("upload_file"),
		data={"is_private": 1, "folder": "Home"},
		files={"file": ("statement.csv", content)},
		timeout=10,
	)
	file = client.answer(response)
	assert (file["doctype"], file["is_private"], file["owner"]) == ("File", 1, USER)
	assert file["file_url"].startswith("/private/files/statement")
	address = client.address("").split("/api/")[0] + file["file_url"]
	assert client.session.get(address, timeout=10).content == content


def test_the_uploader_learns_how_large_a_file_may_be(client):
	assert client.get("frappe.core.api.file.get_max_file_size") == 25 * 1024 * 1024


def test_requests_are_served_side_by_side(servers):
	"""Ten sessions at once, each with its own user and connection."""
	clients = [Client(servers[0]) for _ in range(10)]
	try:
		for number, each in enumerate(clients):
			each.login(*((USER, PASSWORD) if number % 2 else ("Administrator", ADMIN_PASSWORD)))
		users = [each.get("frappe.auth.get_logged_user") for each in clients]
		assert users == ["Administrator", USER] * 5
	finally:
		for each in clients:
			each.session.close()


# Realtime


def connection_error(url: str, namespace: str, **headers: str) -> str:
	sio = socketio.Client(reconnection=False, websocket_extra_options={"suppress_origin": True})
	refusals = []
	sio.on("connect_error", lambda data=None: refusals.append(str(data)), namespace=namespace)
	try:
		sio.connect(url, headers=headers, namespaces=[namespace], transports=["websocket"])
	except socketio.exceptions.ConnectionError as error:
		return "; ".join([*refusals, str(error)])
	finally:
		sio.disconnect()
	raise AssertionError("the server let the visitor in")


def test_a_visitor_needs_a_session(servers, site):
	url, namespace = servers[1], f"/{site.name}"
	assert "No authentication method" in connection_error(url, namespace, Origin=servers[0])
	assert "No authentication method" in connection_error(url, namespace, Origin=servers[0], Cookie="sid=")


def test_a_session_serves_its_own_origin_and_site_only(servers, client, site):
	cookie = f"sid={client.sid}"
	url = servers[1]
	assert "Invalid origin" in connection_error(url, f"/{site.name}", Cookie=cookie)
	assert connection_error(url, f"/{site.name}", Cookie=cookie, Origin="http://evil.example")
	assert connection_error(url, "/another-site", Cookie=cookie, Origin=servers[0])


def test_events_reach_their_user_and_nobody_else(servers, client, site):
	events = client.listen(servers[1], site.name, "hello", "marker")
	message = {"text": "Grüße 漢字 <b>&</b>", "amount": 12.5}
	assert published(events, "hello", message, user=USER)
	assert published(events, "hello", {"to": "all"})
	assert not published(events, "hello", {"to": "another"}, user="Administrator")


def test_a_document_can_be_followed_by_those_who_may_read_it(servers, client, site):
	events = client.listen(servers[1], site.name, "hello", "marker", "pong")
	client.sio.emit("doc_subscribe", READABLE, namespace=f"/{site.name}")
	client.sio.emit("doc_subscribe", ("User", "Administrator"), namespace=f"/{site.name}")
	wait_for_answer(client, events, site)
	assert not published(events, "hello", {"of": "Administrator"}, doctype="User", docname="Administrator")
	deadline = time.monotonic() + 10
	while not published(events, "hello", {"of": "a currency"}, doctype=READABLE[0], docname=READABLE[1]):
		assert time.monotonic() < deadline
	client.sio.emit("doc_unsubscribe", READABLE, namespace=f"/{site.name}")
	wait_for_answer(client, events, site)
	assert not published(events, "hello", {"of": "a currency"}, doctype=READABLE[0], docname=READABLE[1])


def wait_for_answer(client: Client, events: queue.Queue, site: Site) -> None:
	client.sio.emit("ping", namespace=f"/{site.name}")
	assert events.get(timeout=10)[0] == "pong"


def test_after_a_restart_of_redis_events_flow_again(servers, client, site):
	events = client.listen(servers[1], site.name, "hello", "marker")
	assert published(events, "hello", {"n": 1}, user=USER)
	restart_redis(site)
	deadline = time.monotonic() + 15
	while True:
		frappe.publish_realtime("hello", {"n": 2}, user=USER)
		try:
			assert events.get(timeout=0.5) == ("hello", {"n": 2})
			return
		except queue.Empty:
			assert time.monotonic() < deadline
