# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE


class _dict(dict):
	"""A dict whose keys can be read and written as attributes; a missing key reads as None."""

	__slots__ = ()
	__getattr__ = dict.get
	__setattr__ = dict.__setitem__
	__delattr__ = dict.__delitem__

	def __setstate__(self, state):
		self.update(state)

	def __getstate__(self):
		return self

	def update(self, *args, **kwargs) -> "_dict":
		super().update(*args, **kwargs)
		return self

	def copy(self) -> "_dict":
		return _dict(self)
