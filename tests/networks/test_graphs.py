# The graphs of 193 published networks, without their weights: each is read and simplified whole, and its multiply-
# accumulates and parameters are those of the list beside it.
import csv
import json
import os
import pathlib
import resource
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("ESPALIER_SHARED", ROOT.parent / "shared"))
CLI = os.environ.get("ESPALIER_CLI", str(ROOT / "build" / "release" / "espalier"))
INDEX = SHARED / "networks" / "index.csv"
ROWS = list(csv.DictReader(INDEX.open())) if INDEX.exists() else []

SECONDS_MAX = 5
MEMORY_BYTES_MAX = 4 << 30


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))


@pytest.mark.skipif(not ROWS, reason=f"the graphs are not there: {INDEX}")
@pytest.mark.parametrize("row", ROWS or [{"file": "none"}], ids=lambda row: row["file"])
def test_graph(row):
    begin = time.monotonic()
    done = subprocess.run([CLI, "check", INDEX.parent / row["file"], "--json"], capture_output=True, text=True, preexec_fn=limit_memory)
    seconds = time.monotonic() - begin
    assert done.returncode == 0, done.stderr + str([node for node in json.loads(done.stdout or '{"nodes":[]}')["nodes"] if not node["supported"]][:3])
    check = json.loads(done.stdout)
    assert check["macs"] * 1e-9 == pytest.approx(float(row["gmac"]), rel=0.01)
    assert check["parameters"] * 1e-6 == pytest.approx(float(row["mparams"]), rel=0.01)
    assert seconds < SECONDS_MAX
