"""Canary of tools/tidy: each rule fires on a small bad tree, and a good tree passes."""

import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
CLANG_FORMAT = ROOT / ".venv" / "bin" / "clang-format"
LOADER = importlib.machinery.SourceFileLoader("tidy", str(ROOT / "tools" / "tidy"))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", LOADER))
LOADER.exec_module(tidy)

GOOD = {
    "tools/layers.txt": "# Who may include whom here.\nbase:\nops: base\nsimplify: base ops\nrun: base ops\n",
    "src/ops/ops.inc": "// The operators of this tree.\nOP(relu)\n",
    "src/ops/relu.cpp": '// relu: y = max(x, 0).\n#include "base/check.h"\nconst OpSpec relu = {};\n',
    "tests/ops/relu.test": "# relu: y = max(x, 0).\n",
    "src/simplify/passes.inc": '// The passes in order.\nPASS(fold, "first")\n',
    "src/simplify/fold.cpp": "// Folds what is constant.\nint fold(Graph& graph) {\n  return 0;\n}\n",
    "tests/simplify/fold.test": "# Folds what is constant.\n",
    "src/decode/decoders.inc": "// The decoders of this tree.\n",
    "src/kernels/kernels.inc": "// Kernels, best first.\nKERNEL(relu_f32_avx2)\nKERNEL(relu_f32_portable)\n",
    "src/kernels/relu_f32.cpp": "// relu on floats, fast.\n#define RELU(isa_name) const Kernel relu_f32_##isa_name = {};\n",
    "src/pipeline.cpp": '// The compiler as a list.\n#include "simplify/simplify.h"\n#include "run/run.h"\n',
    "include/espalier/status.h": '// How a function answers.\n#include "espalier/tensor.h"\n',
    "tools/thing": "#!/bin/sh\n# Does the thing well.\n",
}
LAYERS_OF_GOOD = {"decode", "kernels"}


class TidyTest(unittest.TestCase):
    def tidy(self, changes=None, without=()):
        """Exit code and output for the good tree with some files changed."""
        files = {**GOOD, **(changes or {})}
        with tempfile.TemporaryDirectory() as folder:
            layers = files["tools/layers.txt"]
            files["tools/layers.txt"] = layers + "".join(f"{name}: base\n" for name in sorted(LAYERS_OF_GOOD))
            for name, text in files.items():
                if name in without:
                    continue
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                path.chmod(0o755)
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                code = tidy.main(["--root", folder])
        return code, output.getvalue()

    def expect(self, sentence, changes=None, without=()):
        code, output = self.tidy(changes, without)
        self.assertEqual(code, 1, output)
        self.assertIn(sentence, output)
        self.assertIn(" 1 violations", output)

    def test_a_good_tree_passes(self):
        code, output = self.tidy()
        self.assertEqual(code, 0, output)

    def test_a_stage_may_not_include_a_stage(self):
        self.expect("src/run/run.h:2: src/run may not include simplify/simplify.h",
                    {"src/run/run.h": '// Runs a graph here.\n#include "simplify/simplify.h"\n'})

    def test_a_noun_may_not_include_what_stands_below_it(self):
        self.expect("src/base may not include ops/op.h", {"src/base/a.h": '// A base of all.\n#include "ops/op.h"\n'})

    def test_a_stage_may_not_include_the_composition(self):
        self.expect("part of the composition", {
            "src/session_parts.h": "// Parts of a session.\n",
            "src/run/run.h": '// Runs a graph here.\n#include "session_parts.h"\n'})

    def test_a_folder_needs_a_layer(self):
        self.expect("src/extra has no line", {"src/extra/a.h": "// A folder of nobody.\n"})

    def test_only_the_composition_stands_outside_of_folders(self):
        self.expect("src/other.cpp: only pipeline and session", {"src/other.cpp": "// Some other file.\n"})

    def test_a_public_header_includes_public_headers_only(self):
        self.expect("which is not public", {"include/espalier/a.h": '// Public to all.\n#include "base/check.h"\n'})

    def test_what_is_listed_is_defined(self):
        self.expect("tanh is listed, nothing in src/ops defines it", {
            "src/ops/ops.inc": "// The operators of this tree.\nOP(relu)\nOP(tanh)\n",
            "tests/ops/tanh.test": "# The hyperbolic tangent here.\n"})

    def test_what_is_defined_is_listed(self):
        self.expect("src/simplify/other.cpp: defines other, which is not in src/simplify/passes.inc",
                    {"src/simplify/other.cpp": "// Another pass of it.\nint other(Graph& graph) {\n  return 0;\n}\n"})

    def test_a_listed_thing_has_a_file_of_its_name(self):
        self.expect("belongs into src/ops/relu.cpp", {"src/ops/other.cpp": GOOD["src/ops/relu.cpp"]},
                    without=["src/ops/relu.cpp"])

    def test_a_listed_thing_has_a_test_of_its_name(self):
        self.expect("relu has no test tests/ops/relu.test", without=["tests/ops/relu.test"])
        self.expect("fold has no test tests/simplify/fold.test", without=["tests/simplify/fold.test"])

    def test_a_text_case_has_a_subject(self):
        self.expect("does not list tanh", {"tests/ops/tanh.test": "# The hyperbolic tangent here.\n"})

    def test_a_name_is_listed_once(self):
        code, output = self.tidy({"src/ops/ops.inc": "// The operators of this tree.\nOP(relu)\nOP(relu)\n"})
        self.assertEqual(code, 1)
        self.assertIn("relu is listed twice", output)

    def test_a_kernel_family_is_listed_and_its_name_ends_in_an_instruction_set(self):
        kernels = "src/kernels/kernels.inc"
        self.expect("defines add_f32, which is not in",
                    {"src/kernels/add_f32.cpp": "// add on floats, fast.\n  const Kernel add_f32_##isa_name = {};\n"})
        self.expect("defines add_s8, which is not in",
                    {"src/kernels/add_s8.cpp": "// add on integers, fast.\nconst Kernel add_s8_portable = {};\n"})
        self.expect("does not end in an instruction set", {kernels: GOOD[kernels] + "KERNEL(relu_f32_mmx)\n"})

    def test_every_file_says_what_it_is_for(self):
        for name, text in {"src/ops/a.h": "#pragma once\n", "cmake/a.cmake": "set(a 1)\n", "tools/a.py": "import os\n",
                           "tools/a": "#!/bin/sh\nset -eu\n", "tests/ops/relu.test": "run evaluate\n",
                           "CMakeLists.txt": "project(a)\n", "src/ops/b.h": "// b\n"}.items():
            self.expect(f"{name}: its first line does not say what it is for", {name: text})

    def test_banned_calls(self):
        for line in ('std::printf("a");', "std::cerr << a;", "exit(1);", "std::abort();", 'std::getenv("A");',
                     "assert(a);", "std::random_device seed;", "std::rand();", "throw a;", "puts(a);"):
            self.expect("src/ops/relu.cpp:4", {"src/ops/relu.cpp": GOOD["src/ops/relu.cpp"] + line + "\n"})

    def test_words_that_only_look_banned(self):
        lines = ('std::snprintf(text, 4, "a");', "static_assert(true);", "// it may throw(a) and printf(b)",
                 'error("cannot exit(1)");', "operand(1);", "at_exit(a);")
        code, output = self.tidy({"src/ops/relu.cpp": GOOD["src/ops/relu.cpp"] + "\n".join(lines) + "\n"})
        self.assertEqual(code, 0, output)

    def test_a_comment_has_at_most_120_columns(self):
        self.expect("src/ops/relu.cpp:4: a comment of 121 columns",
                    {"src/ops/relu.cpp": GOOD["src/ops/relu.cpp"] + "// " + "x" * 118 + "\n"})

    @unittest.skipUnless(CLANG_FORMAT.is_file(), "there is no .venv/bin/clang-format: tools/setup --with tests")
    def test_files_are_as_clang_format_writes_them(self):
        style = "BasedOnStyle: Google\nAllowShortFunctionsOnASingleLine: None\nSortIncludes: Never\n"
        files = {".clang-format": style,
                 ".venv/bin/clang-format": f'#!/bin/sh\nexec "{CLANG_FORMAT}" "$@"\n'}
        code, output = self.tidy(files)
        self.assertEqual(code, 0, output)
        self.expect("src/ops/relu.cpp:4: not as clang-format writes it",
                    {**files, "src/ops/relu.cpp": GOOD["src/ops/relu.cpp"] + "int  a;\n"})

    def test_long_files_and_functions_are_questions(self):
        long_function = "// Some long thing here.\nint f(int a) {\n" + "  ++a;\n" * 80 + "}\n"
        code, output = self.tidy({"src/base/a.cpp": long_function})
        self.assertEqual(code, 0, output)
        self.assertIn("question: src/base/a.cpp:2: 82 lines in int f(int a)", output)
        code, output = self.tidy({"src/base/a.cpp": "// Some long thing here.\n" + "int a;\n" * 501})
        self.assertEqual(code, 0, output)
        self.assertIn("question: src/base/a.cpp: 502 lines", output)


if __name__ == "__main__":
    unittest.main()
