# The generated pages are those that their script makes; the page of decoders names all of them.
import pathlib
import re
import subprocess
import sys

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
