# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Draft, submitted or cancelled."""


class DocStatus(int):
	DRAFT: "DocStatus"
	SUBMITTED: "DocStatus"
	CANCELLED: "DocStatus"

	def is_draft(self) -> bool:
		return self == DocStatus.DRAFT

	def is_submitted(self) -> bool:
		return self == DocStatus.SUBMITTED

	def is_cancelled(self) -> bool:
		return self == DocStatus.CANCELLED

	@staticmethod
	def draft() -> "DocStatus":
		return DocStatus.DRAFT

	@staticmethod
	def submitted() -> "DocStatus":
		return DocStatus.SUBMITTED

	@staticmethod
	def cancelled() -> "DocStatus":
		return DocStatus.CANCELLED


DocStatus.DRAFT = DocStatus(0)
DocStatus.SUBMITTED = DocStatus(1)
DocStatus.CANCELLED = DocStatus(2)
