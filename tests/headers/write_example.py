"""Writes the example at the head of a public header as a C++ function: example_<header>(), which returns a Status.

A header without an example gives a function that returns an Error saying so.

    write_example.py HEADER OUTPUT.cpp
"""

import pathlib
import re
import sys

INDENT = "//   "  # of an example; prose stands at "// "


def example_of(text):
    """The indented lines of the comment that a header begins with."""
    comment = re.match(r"(//.*\n)*", text)[0].splitlines()
    return [line[len(INDENT):] for line in comment if line.startswith(INDENT)]


def main(header, output):
    lines = example_of(header.read_text(encoding="utf-8"))
    if not lines:
        lines = [f'return espalier::Error("{header.name} has no example in the comment that it begins with");']
    elif not lines[-1].startswith("return "):
        lines.append("return {};")
    body = "".join(f"  {line}\n" for line in lines)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(
        f"// The example of {header.name}. The header comes first: it includes what it needs.\n"
        f'#include "{header.as_posix()}"\n\n#include <cstdio>\n\n#include "espalier/espalier.h"\n\n'
        f"espalier::Status example_{header.stem}();\n"
        f"espalier::Status example_{header.stem}() {{\n{body}}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))
