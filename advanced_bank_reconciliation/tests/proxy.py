# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Stands between a worker and its database server, so that the server can be "down" for that worker alone."""

import socket
import threading
from contextlib import suppress


class Proxy:
	"""Passes TCP connections on to host and port. A context manager; `port` is where it listens.

	`cut` breaks every connection off and refuses new ones, as a server that restarts does; `restore` ends that.
	"""

	def __init__(self, host: str, port: int) -> None:
		self.target = (host, port)
		self.port = 0
		self.open: set[socket.socket] = set()
		self.listener: socket.socket | None = None

	def __enter__(self) -> "Proxy":
		self.restore()
		return self

	def __exit__(self, *_error: object) -> None:
		self.cut()

	def restore(self) -> None:
		self.listener = socket.create_server(("127.0.0.1", self.port))
		self.port = self.listener.getsockname()[1]
		threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

	def cut(self) -> None:
		_close(self.listener)
		for connection in list(self.open):
			_close(connection)
		self.open.clear()

	def _accept(self, listener: socket.socket) -> None:
		with suppress(OSError):
			while True:
				client, _address = listener.accept()
				server = socket.create_connection(self.target)
				self.open |= {client, server}
				for source, sink in ((client, server), (server, client)):
					threading.Thread(target=_pass_on, args=(source, sink), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
	with suppress(OSError):
		while data := source.recv(65536):
			sink.sendall(data)
	_close(sink)


def _close(connection: socket.socket) -> None:
	"""Close it at once, also for a thread that waits in it."""
	with suppress(OSError):
		connection.shutdown(socket.SHUT_RDWR)
	connection.close()
