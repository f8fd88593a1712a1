# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Takes the details of an MT940 booking (:86:) apart, whichever way the bank structures them.

As German, Austrian and Polish banks do: a code, then sub-fields by ?, ~ or < (?00 kind of booking, ?20 to
?29 and ?60 to ?63 purpose, ?31 account, ?32 and ?33 name), with SEPA keywords such as EREF+ and SVWZ+ in
the purpose. As Dutch banks do: /EREF/…/NAME/…/REMI/…. Or as plain text.
"""

import re
from dataclasses import dataclass

from advanced_bank_reconciliation.statement_import.iban import find_iban
from advanced_bank_reconciliation.statement_import.text import clean, join

#: SWIFT's width of a line: a full one is continued without a space.
WIDTH = 65

SUBFIELDS = re.compile(r"[0-9]{3}([?~<^])[0-9]{2}")
KEYWORDS = re.compile(
	r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP)\+|(?:(?<= )|^)(EREF|MREF|CRED|SVWZ): "
)
CODES = (
	"EREF MARF CSID CNTP REMI NAME IBAN BIC TRTP ORDP BENM ID ADDR ISDT PURP CD ULTB ULTC ULTD RTRN PREF "
	"SUBF ACCW MREF"
).split()
SLASHES = re.compile(rf"/({'|'.join(CODES)})/")


@dataclass(frozen=True, slots=True)
class Details:
	"""What the details say; "" where they do not."""

	description: str = ""
	reference: str = ""
	party_name: str = ""
	party_iban: str = ""
	party_account: str = ""


def read_details(text: str) -> Details:
	"""Return the parts of the details, which come with the line breaks of the file."""
	lines = text.split("\n")
	joined = "".join(lines)
	if match := SUBFIELDS.match(joined):
		return _subfields(joined[3:], match[1])
	if SLASHES.match(joined) or len(SLASHES.findall(joined)) > 1:
		return _slashes(joined)
	plain = "".join(line if len(line) >= WIDTH else f"{line} " for line in lines)
	return Details(description=clean(plain), party_iban=find_iban(plain))


def _subfields(text: str, separator: str) -> Details:
	pieces = re.split(rf"{re.escape(separator)}([0-9]{{2}})", text)
	fields: dict[str, str] = {}
	for code, value in zip(pieces[1::2], pieces[2::2], strict=True):
		fields[code] = fields.get(code, "") + value
	purpose = "".join(fields.get(str(code), "") for code in (*range(20, 30), *range(60, 64)))
	before, keywords = _keywords(purpose)
	account = clean(fields.get("31", "") or keywords.get("IBAN", ""))
	iban = find_iban(account)
	return Details(
		description=join(fields.get("00", ""), before, keywords.get("SVWZ", "")),
		reference=clean(keywords.get("EREF", "") or keywords.get("KREF", "")),
		party_name=clean(fields.get("32", "") + fields.get("33", "")) or clean(keywords.get("ABWA", "")),
		party_iban=iban,
		party_account="" if iban else account,
	)


def _keywords(purpose: str) -> tuple[str, dict[str, str]]:
	"""Return the text before the first SEPA keyword, and what follows each."""
	pieces = KEYWORDS.split(purpose)
	found: dict[str, str] = {}
	for plus, colon, value in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
		found[plus or colon] = found.get(plus or colon, "") + value
	return pieces[0], found


def _slashes(text: str) -> Details:
	pieces = SLASHES.split(text)
	codes = {code: value for code, value in zip(pieces[1::2], pieces[2::2], strict=True) if value.strip("/ ")}
	counterparty = [*codes.get("CNTP", "").split("/"), "", "", ""]
	remittance = re.sub(r"^(?:USTD|STRD)//?", "", codes.get("REMI", "")).strip("/ ")
	account = clean(codes.get("IBAN", counterparty[0]).strip("/ "))
	iban = find_iban(account)
	return Details(
		description=join(pieces[0], codes.get("TRTP", "").strip("/ "), remittance) or clean(text),
		reference=clean(codes.get("EREF", "").strip("/ ")),
		party_name=clean(codes.get("NAME", counterparty[2]).strip("/ ")),
		party_iban=iban,
		party_account="" if iban else account,
	)
