"""plain-words: which phrases it finds, where, and which it leaves alone."""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "plain-words"
LOADER = importlib.machinery.SourceFileLoader("plain_words", str(SCRIPT))
plain_words = importlib.util.module_from_spec(importlib.util.spec_from_loader("plain_words", LOADER))
LOADER.exec_module(plain_words)

REFUSED = {
    "// Whoever waits is woken.": ["Whoever"],
    "// Nobody reads it, and nobody's word counts.": ["Nobody", "nobody's"],
    "// until somebody connects": ["somebody"],
    "// resumes those that wait": ["those that"],
    "// by whom it was sent": ["whom"],
    "// Who waits polls the line.": ["Who"],
    "// decides who is resumed": ["who"],
    "// the one who calls": ["who"],
    "// a copy of what was read": ["of what"],
    "int ready;  // What was read is copied.": ["What"],
    "# What it counts.": ["What"],
    "a = 1  # What it counts.": ["What"],
    "// It is sent. What was read is copied.": ["What"],
    "  int lines() { return 1; }\n  // What QEMU has read.\n  int read() { return a ? b : c; }": ["What"],
    "// before anybody asks, and for everybody's use": ["anybody", "everybody's"],
    "// ring.hh — what two dispatchers share": ["— what"],
    "// an address that is none.": ["is none"],
    "// It knocks at the doorstep, and says good-bye.": ["knocks", "doorstep", "good-bye"],
    "// a payment that is owed": ["payment", "owed"],
    "// It is set by him.": ["him"],
    'says = "Tells whoever waits."': ["whoever"],
}

ACCEPTED = [
    "// Says what is missing, and how much.",
    "// A student who knows C reads it; readers who do not, later.",
    "// Who is to blame? That is the question.",
    "// (Bershad et al., 1991, who did it first)",
    "who = 'process 1'",
    "// None of them waits; there are none.",
    "// paying_ and owed_by are names of variables, not words",
    "kWhatever, WhoAsks, nobody_asks",
]


class Phrases(unittest.TestCase):
    def found(self, text, is_markdown=False):
        return [phrase for _, phrase, _ in plain_words.findings(text, is_markdown)]

    def test_each_phrase_is_found(self):
        for text, phrases in REFUSED.items():
            with self.subTest(text):
                self.assertEqual(sorted(self.found(text)), sorted(phrases))

    def test_plain_sentences_are_accepted(self):
        for text in ACCEPTED:
            with self.subTest(text):
                self.assertEqual(self.found(text), [])

    def test_phrase_that_a_line_break_divides_is_found_in_its_first_line(self):
        for leader in ("// ", "# ", "    // ", ""):
            text = f"{leader}A copy is made of\n{leader}what was read.\n"
            self.assertEqual([(line, phrase) for line, phrase, _ in plain_words.findings("\n" + text)], [(2, "of what")])

    def test_phrase_does_not_reach_over_the_end_of_a_paragraph(self):
        for break_ in ("\n//\n// ", "\n\n// "):
            self.assertEqual(self.found(f"// It is one of{break_}what follows"), [])
        for break_ in ("\n\n", "\n* ", "\n| ", "\n## "):
            self.assertEqual(self.found(f"It is one of{break_}what follows", is_markdown=True), [])

    def test_heading_of_a_document_may_begin_with_what(self):
        self.assertEqual(self.found("## What you need to know\n\nText.", is_markdown=True), [])
        self.assertEqual(self.found("Text.\n\nWhat you need is memory.", is_markdown=True), ["What"])

    def test_every_phrase_has_a_plain_form_and_a_test(self):
        for expression, plain in plain_words.PHRASES:
            self.assertTrue(plain)
            self.assertTrue(
                any(plain_words.re.search(expression, plain_words.joined(text)[0]) for text in REFUSED), expression
            )


class Program(unittest.TestCase):
    def run_on(self, *names):
        return subprocess.run([SCRIPT, *names], stdout=subprocess.PIPE, text=True, check=False)

    def test_finding_names_file_line_phrase_and_plain_form(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch, "ring.hh")
            path.write_text("int ring;\n\n// It wakes\n// somebody.\n")
            done = self.run_on(path)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(
            done.stdout, f"{path}:4: 'somebody': {plain_words.ACTOR}\n1 files, 1 phrases to replace\n"
        )

    def test_file_without_a_phrase_passes(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch, "ring.hh")
            path.write_text("// It wakes the receiver.\n")
            done = self.run_on(path)
        self.assertEqual((done.returncode, done.stdout), (0, "1 files, 0 phrases to replace\n"))

    def test_program_or_picture_is_not_read_as_text(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch, "program")
            path.write_bytes(b"\0 somebody")
            self.assertEqual(self.run_on(path).returncode, 0)
