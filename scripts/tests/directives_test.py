"""Lines for the preprocessor in code that is handed in."""

import unittest

import fixture  # noqa: F401  (finds the modules)
from staging import directives
from staging.problems import Problems


class Directives(unittest.TestCase):
    def said(self, text, path="a.hh"):
        problems = Problems()
        directives.check(text, path, path, problems)
        return list(problems)

    def assert_refused(self, text, path="a.hh", line=1):
        said = self.said(text, path)
        self.assertEqual(len(said), 1, (text, said))
        self.assertIn(f"{path}:{line}: error: ", said[0])

    def assert_accepted(self, text, path="a.hh"):
        self.assertEqual(self.said(text, path), [], text)

    def test_define_nothing_in_a_header(self):
        for line, text in (
            (1, "#define EXPECT_EQ(...) true"),
            (2, "int a;\n  # define private public"),
            (2, "/* one */ /* two\n */ %: /* three */ undef EXPECT"),
            (1, "#def\\\nine answer ignore"),
            (2, "#\\ \nundef EXPECT"),
            (1, "#line 1"),
        ):
            self.assert_refused(text, line=line)

    def test_include_headers_only_in_a_header(self):
        for name in ('"copy.cc"', '"grading/guest/evidence.hh"', '"x/../grading/a.hh"', "NAME"):
            self.assert_refused(f"#include {name}\n")
            self.assert_accepted(f"#include {name}\n", "a.cc")

    def test_hide_nothing_from_sanitizers(self):
        for text in (
            "#define no_sanitize no_sanitize",
            "#undef __no_sanitize_address__",
            '#pragma push_macro("no_sanitize")',
            '#pragma GCC optimize("O0")',
        ):
            self.assert_refused(text, "a.cc")

    def test_may_do_all_that_is_useful(self):
        self.assert_accepted(
            "#pragma once\n#include <atomic>\n#include \"sprat/text.hh\" // words\n#if defined(A)\n#else\n#endif\n"
            "#pragma GCC diagnostic push\n// as #define does\nconst char* a = \"#define\";\n"
        )
        self.assert_accepted("#define LIMIT 3\n#undef LIMIT\n", "a.cc")
        self.assert_accepted("#define LIMIT 3\n#pragma anything\n", "a.S")

    def test_name_the_line_as_the_student_sees_it(self):
        self.assert_refused("int a\\\n;\n\n#define B", line=4)


if __name__ == "__main__":
    unittest.main()
