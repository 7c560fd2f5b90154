# The generated pages are those that their script makes.
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_generated_pages_are_up_to_date():
    made = subprocess.run([sys.executable, str(ROOT / "tools" / "make_docs"), "--check"], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
