# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Runs the tests of the form's DOM-free modules with `node --test`, one pytest test per file."""

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES, ids=[path.name.split(".")[0] for path in FILES])
def test_file(file: Path):
	node = shutil.which("node")
	if not node:
		pytest.skip("needs Node.js")
	command = [node, "--test", "--test-reporter=spec", str(file)]
	result = subprocess.run(command, capture_output=True, text=True, timeout=120)
	assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
