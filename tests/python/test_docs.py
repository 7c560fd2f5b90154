# The generated pages are those that their script makes; the pages of decoders and of ONNX's operators name all of them.
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_generated_pages_are_up_to_date():
    made = subprocess.run([sys.executable, str(ROOT / "tools" / "make_docs"), "--check"], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr


def test_the_page_of_decoders_names_all_and_their_recipes_read():
    listed = re.findall(r"^DECODER\((\w+)\)", (ROOT / "src" / "decode" / "decoders.inc").read_text(), re.MULTILINE)
    page = (ROOT / "docs" / "decoders.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|.*\|.*\|.*\|.*\|$", page, re.MULTILINE)[: len(listed)] == listed
    recipes = set(re.findall(r"\(recipes/(\w+\.json)\)", page))
    assert recipes == {path.name for path in (ROOT / "docs" / "recipes").glob("*.json")}


def test_the_page_of_onnx_names_every_operator_once_with_its_limits():
    lists = ROOT / "src" / "read" / "onnx"
    read = re.findall(r"^(?:CONVERTER|RENAMED|INLINED)\((\w+)", (lists / "converters.inc").read_text(), re.MULTILINE)
    unread = re.findall(r"^NOT_READ\((\w+)", (lists / "not_read.inc").read_text(), re.MULTILINE)
    page = (ROOT / "docs" / "onnx_operators.md").read_text()
    rows = re.findall(r"^\| (\w+) \| (?:\d+ to \d+|\d+|all) \| [\w, ]*\| [^|]+\| \S[^|]*\.[^|]*\|$", page, re.MULTILINE)
    assert sorted(rows) == sorted(read)
    reasons = re.findall(r"^\| (\w+) \| \S[^|]* \|$", page, re.MULTILINE)
    assert sorted(set(reasons) - {"operator"}) == sorted(unread)
    assert not set(read) & set(unread)


def test_the_page_of_onnx_accounts_for_the_whole_opset():
    defs = pytest.importorskip("onnx", reason="the Python package onnx is not installed").defs
    page = (ROOT / "docs" / "onnx_operators.md").read_text()
    words = set(re.findall(r"\w+", page))
    latest = {}
    for schema in defs.get_all_schemas_with_history():
        if schema.domain == "" and schema.since_version <= 22 and schema.since_version >= latest.get(schema.name, (0,))[0]:
            latest[schema.name] = (schema.since_version, schema.deprecated)
    missing = [name for name, (_, deprecated) in latest.items() if not deprecated and name not in words]
    assert not missing
