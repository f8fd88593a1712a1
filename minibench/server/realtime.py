# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The realtime server: hands what the site publishes on the Redis channel "events" to socket.io clients.

Namespace, rooms, events and the way a visitor is authenticated are those of Frappe's own socketio server, so
desk JavaScript cannot tell the two apart. `python -m minibench.server.realtime PORT` serves MINIBENCH_SITE.
"""

import asyncio
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import redis.asyncio
import redis.exceptions
import socketio
import socketio.exceptions
import uvicorn

from minibench.processes import LOOPBACK, end_with_parent
from minibench.site import Site

RECONNECT_SECONDS = 0.5


@dataclass
class Visitor:
	"""One connected client."""

	user: str
	credentials: Mapping[str, str]
	open_documents: set[tuple[str, str]] = field(default_factory=set)


class Visitors(socketio.AsyncNamespace):
	"""The clients of one site, in namespace "/SITE", and the rooms that they are in."""

	def __init__(self, site: Site):
		super().__init__(f"/{site.name}")
		self.site = site
		self.visitors: dict[str, Visitor] = {}

	async def on_connect(self, sid: str, environ: Mapping, auth: object = None) -> None:
		"""Let a visitor in whom the site's web server knows, and put him into his rooms."""
		if not is_same_host(environ.get("HTTP_ORIGIN"), environ):
			raise socketio.exceptions.ConnectionRefusedError("Invalid origin")
		credentials = credentials_of(environ)
		if not credentials:
			raise socketio.exceptions.ConnectionRefusedError(
				"No authentication method used. Use cookie or authorization header."
			)
		user = await ask(self.site, "frappe.realtime.get_user_info", credentials)
		if not user:
			raise socketio.exceptions.ConnectionRefusedError("Unauthorized")
		self.visitors[sid] = Visitor(user["user"], credentials)
		await self.enter_room(sid, f"user:{user['user']}")
		await self.enter_room(sid, "website")
		if user["user_type"] == "System User":
			await self.enter_room(sid, "all")

	async def on_disconnect(self, sid: str, reason: str | None = None) -> None:
		visitor = self.visitors.pop(sid, None)
		for doctype, name in visitor.open_documents if visitor else ():
			await self.tell_viewers(sid, doctype, name)

	async def on_ping(self, sid: str) -> None:
		await self.emit("pong", to=sid)

	async def on_doctype_subscribe(self, sid: str, doctype: str) -> None:
		if await self.may(sid, "can_subscribe_doctype", doctype=doctype):
			await self.enter_room(sid, f"doctype:{doctype}")

	async def on_doctype_unsubscribe(self, sid: str, doctype: str) -> None:
		await self.leave_room(sid, f"doctype:{doctype}")

	async def on_doc_subscribe(self, sid: str, doctype: str, name: str) -> None:
		if await self.may(sid, "can_subscribe_doc", doctype=doctype, docname=name):
			await self.enter_room(sid, f"doc:{doctype}/{name}")

	async def on_doc_unsubscribe(self, sid: str, doctype: str, name: str) -> None:
		await self.leave_room(sid, f"doc:{doctype}/{name}")

	async def on_doc_open(self, sid: str, doctype: str, name: str) -> None:
		if await self.may(sid, "can_subscribe_doc", doctype=doctype, docname=name):
			self.visitors[sid].open_documents.add((doctype, name))
			await self.enter_room(sid, f"open_doc:{doctype}/{name}")
			await self.tell_viewers(sid, doctype, name)

	async def on_doc_close(self, sid: str, doctype: str, name: str) -> None:
		self.visitors[sid].open_documents.discard((doctype, name))
		await self.leave_room(sid, f"open_doc:{doctype}/{name}")
		await self.tell_viewers(sid, doctype, name)

	async def on_task_subscribe(self, sid: str, task_id: str) -> None:
		await self.enter_room(sid, f"task_progress:{task_id}")

	on_progress_subscribe = on_task_subscribe

	async def on_task_unsubscribe(self, sid: str, task_id: str) -> None:
		await self.leave_room(sid, f"task_progress:{task_id}")

	async def may(self, sid: str, question: str, **arguments: str) -> bool:
		"""Whether the site lets this visitor read what he asks to follow."""
		credentials = self.visitors[sid].credentials
		return bool(await ask(self.site, f"frappe.realtime.{question}", credentials, **arguments))

	async def tell_viewers(self, sid: str, doctype: str, name: str) -> None:
		"""Tell those who have a form open who else has; nothing to tell when that is only the caller."""
		viewers = {
			other: visitor.user
			for other, visitor in self.visitors.items()
			if (doctype, name) in visitor.open_documents
		}
		if viewers.keys() - {sid}:
			message = {"doctype": doctype, "docname": name, "users": sorted(set(viewers.values()))}
			await self.emit("doc_viewers", message, room=f"open_doc:{doctype}/{name}")


def credentials_of(environ: Mapping[str, str]) -> dict[str, str]:
	"""The header by which the web server knows the visitor: token or session cookie; {} without either."""
	if environ.get("HTTP_AUTHORIZATION"):
		return {"Authorization": environ["HTTP_AUTHORIZATION"]}
	cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("sid")
	return {"Cookie": f"sid={cookie.value}"} if cookie and cookie.value else {}


def is_same_host(origin: str | None, environ: Mapping[str, str]) -> bool:
	"""Whether the page that connects comes from this host (ports differ: the page is the web server's)."""
	host = environ.get("HTTP_HOST")
	if not origin or not host:
		return False
	return urllib.parse.urlsplit(origin).hostname == urllib.parse.urlsplit(f"//{host}").hostname


# The site's web server


async def ask(site: Site, method: str, credentials: Mapping[str, str], **arguments: str) -> object:
	"""What the site's whitelisted `method` answers to the visitor with these credentials; None if it refuses."""
	return await asyncio.to_thread(call, site, method, credentials, arguments)


def call(site: Site, method: str, credentials: Mapping[str, str], arguments: Mapping[str, str]) -> object:
	address = f"http://{LOOPBACK}:{site.config['webserver_port']}"
	url = f"{address}/api/method/{method}?{urllib.parse.urlencode(arguments)}"
	opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
	try:
		with opener.open(urllib.request.Request(url, headers=dict(credentials)), timeout=10) as response:
			return json.load(response).get("message")
	except urllib.error.HTTPError:
		return None
	except (OSError, ValueError) as error:
		log(f"{method}: {error}")
		return None


# Redis


class Forwarder:
	"""Emits what is published on the channel "events". `ready` is set while it listens."""

	def __init__(self, site: Site, sio: socketio.AsyncServer):
		self.site = site
		self.sio = sio
		self.ready = asyncio.Event()

	async def run(self) -> None:
		"""Listen for ever; a Redis that is away is waited for."""
		while True:
			try:
				await self.listen()
			except (redis.exceptions.RedisError, OSError) as error:
				log(f"Redis is away ({error}), trying again")
			self.ready.clear()
			await asyncio.sleep(RECONNECT_SECONDS)

	async def listen(self) -> None:
		address = os.environ.get("FRAPPE_REDIS_QUEUE") or self.site.config["redis_queue"]
		client = redis.asyncio.Redis.from_url(address)
		try:
			channel = client.pubsub(ignore_subscribe_messages=True)
			await channel.subscribe("events")
			self.ready.set()
			async for packet in channel.listen():
				await self.forward(json.loads(packet["data"]))
		finally:
			await client.close()

	async def forward(self, event: Mapping) -> None:
		"""Emit one event in its room; without a room, to everybody on the site."""
		await self.sio.emit(
			event["event"],
			event.get("message"),
			room=event.get("room"),
			namespace=f"/{event.get('namespace') or self.site.name}",
		)


# The server


async def serve(site: Site, port: int) -> None:
	"""Serve until SIGTERM or SIGINT: socket.io, and `/ready`, which answers once events can arrive."""
	sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=is_same_host)
	sio.register_namespace(Visitors(site))
	forwarder = Forwarder(site, sio)
	socketio_application = socketio.ASGIApp(sio)

	async def application(scope, receive, send):
		if scope["type"] == "http" and scope["path"] == "/ready":
			await forwarder.ready.wait()
			await send({"type": "http.response.start", "status": 200, "headers": []})
			await send({"type": "http.response.body", "body": b""})
		else:
			await socketio_application(scope, receive, send)

	listening = asyncio.create_task(forwarder.run())
	config = uvicorn.Config(application, host=LOOPBACK, port=port, lifespan="off", log_level="warning")
	await uvicorn.Server(config).serve()
	listening.cancel()


def log(text: str) -> None:
	print(f"realtime: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
	end_with_parent()
	asyncio.run(serve(Site(os.environ["MINIBENCH_SITE"]), int(sys.argv[1])))
