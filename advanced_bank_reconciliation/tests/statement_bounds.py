# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the tests of hostile files share: a check of time and memory, and a workbook from raw XML."""

import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MB = 1024 * 1024

#: Linux tells the peak of a process's memory, and lets it begin anew.
RESET, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


class Used:
	"""Seconds of this process's CPU, which other work on the machine does not lengthen, and MB of memory beyond
	what was in use before; None where the system does not tell."""

	seconds: float = 0.0
	memory: float | None = None


@contextmanager
def measured() -> Iterator[Used]:
	"""Measure what the block uses."""
	used, before = Used(), _reset_peak()
	started = time.process_time()
	try:
		yield used
	finally:
		used.seconds = time.process_time() - started
		if before is not None:
			used.memory = (_kilobytes("VmHWM") - before) / 1024


def _reset_peak() -> int | None:
	try:
		RESET.write_text("5", encoding="ascii")
		return _kilobytes("VmRSS")
	except OSError:
		return None


def _kilobytes(name: str) -> int:
	line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(name))
	return int(line.split()[1])


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

#: The least that makes an archive a workbook.
PARTS = {
	"[Content_Types].xml": (
		f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
		'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
		'<Default Extension="xml" ContentType="application/xml"/>'
		f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
		f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/></Types>'
	),
	"_rels/.rels": (
		f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
		f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
	),
	"xl/workbook.xml": (
		f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
		'<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
	),
	"xl/_rels/workbook.xml.rels": (
		f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
		f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
	),
}


def raw_workbook(rows: str, **parts: str) -> bytes:
	"""Return a workbook whose one sheet has the given XML as rows; `parts` replace or add archive members."""
	sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
	target = io.BytesIO()
	with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
		for name, text in {**PARTS, "xl/worksheets/sheet1.xml": sheet, **parts}.items():
			archive.writestr(name, text)
	return target.getvalue()


def text_cell(text: str) -> str:
	return f'<c t="inlineStr"><is><t>{text}</t></is></c>'
