# The wheel: what is in it, and that a fresh virtual environment which has nothing but it and numpy compiles and runs the
# bundled network, to the bytes of the module in the build tree. What the release build has compiled comes out of ccache,
# which takes the name of the compiler into account; without ccache this compiles the library again, for minutes.
import os
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest

espalier = pytest.importorskip("espalier", reason="the Python package is not installed: pip install .")
pytest.importorskip("scikit_build_core", reason="scikit-build-core is not installed: tools/setup --with tests")

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIGNS = ROOT / "examples" / "signs"

USE = """
import sys, numpy, espalier
assert espalier.__file__.startswith(sys.prefix), espalier.__file__
report = espalier.compile(sys.argv[1] + "/signs.onnx", "signs.esp", calibration=sys.argv[1] + "/images", preprocess=sys.argv[1] + "/signs.json")
session = espalier.Session("signs.esp", threads=2)
outputs = session.run(sys.argv[1] + "/images/11_00000.jpg")
numpy.savez("outputs.npz", **outputs)
assert session.decode("fcos")
try:
    espalier.Session("lost.esp")
except espalier.Error as error:
    print(error)
"""


def compilers():
    """CC and CXX as the release build names them."""
    cache = ROOT / "build" / "release" / "CMakeCache.txt"
    found = re.findall(r"^CMAKE_(C|CXX)_COMPILER:\w+=(.+)$", cache.read_text() if cache.exists() else "", re.MULTILINE)
    return {{"C": "CC", "CXX": "CXX"}[language]: path for language, path in found}


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation: the build tools are those of this environment, whose versions the test below compares.
    run(sys.executable, "-m", "pip", "wheel", ROOT, "--no-deps", "--no-build-isolation", "-w", folder, env={**os.environ, **compilers()})
    (path,) = folder.glob("*.whl")
    return path


def test_it_holds_the_package_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    package = {name for name in names if name.startswith("espalier/")}
    sources = {f"espalier/{path.name}" for path in (ROOT / "python" / "espalier").iterdir() if path.is_file()}
    assert {"espalier/__init__.py", "espalier/_espalier.pyi", "espalier/py.typed"} <= sources <= package
    (module,) = package - sources
    assert re.fullmatch(r"espalier/_espalier\.[\w-]+\.so", module)
    rest = {name.split("/", 1)[1] for name in set(names) - package}
    assert rest == {"METADATA", "WHEEL", "RECORD", "licenses/LICENSE"}
    assert wheel.stat().st_size < 10e6


def test_a_fresh_environment_compiles_and_runs(wheel, tmp_path):
    python = tmp_path / "environment" / "bin" / "python"
    run(sys.executable, "-m", "venv", python.parents[1])
    numpy = subprocess.run([python, "-m", "pip", "install", "-q", "-c", ROOT / "tools" / "requirements-core.txt", "numpy"],
                           capture_output=True, text=True)
    if numpy.returncode != 0:
        pytest.skip("numpy cannot be installed into a fresh environment: the package index is not reachable")
    run(python, "-m", "pip", "install", "-q", "--no-index", wheel)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    said = run(python, "-c", USE, SIGNS, cwd=tmp_path, env=clean)
    assert "lost.esp" in said and "cannot be opened" in said
    espalier.compile(SIGNS / "signs.onnx", tmp_path / "here.esp", calibration=SIGNS / "images", preprocess=SIGNS / "signs.json")
    assert (tmp_path / "signs.esp").read_bytes() == (tmp_path / "here.esp").read_bytes()
    assert (tmp_path / "outputs.npz").exists()


def test_build_tools_are_those_of_the_tests():
    wanted = re.findall(r'"([\w-]+==[\d.]+)"', re.search(r"^requires = (\[.*?\])", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1])
    pinned = "\n".join((ROOT / "tools" / f"requirements-{group}.txt").read_text() for group in ("core", "tests")).splitlines()
    assert len(wanted) == 3 and set(wanted) <= set(pinned)
