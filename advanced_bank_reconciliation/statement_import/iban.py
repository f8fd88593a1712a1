# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Finds IBANs in text and proves them by their check digits (ISO 13616)."""

import re

CANDIDATE = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b")


def find_iban(text: str) -> str:
	"""Return the first valid IBAN in a text without its spaces, or ""."""
	for match in CANDIDATE.finditer(text.upper()):
		candidate = match[0].replace(" ", "")
		if is_iban(candidate):
			return candidate
		for end in range(len(candidate) - 1, 14, -1):
			if is_iban(candidate[:end]) and _ends_there(match[0], end):
				return candidate[:end]
	return ""


def is_iban(text: str) -> bool:
	"""Whether a text without spaces is an IBAN whose check digits are right."""
	if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text):
		return False
	turned = text[4:] + text[:4]
	return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def _ends_there(text: str, length: int) -> bool:
	"""Whether a space stands after so many characters: what follows is another word."""
	count = 0
	for position, char in enumerate(text):
		if count == length:
			return text[position] == " "
		count += char != " "
	return False
