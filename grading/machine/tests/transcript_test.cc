// transcript_test.cc — no line that a guest can write is taken for another kind.

#include "machine/transcript.hh"

#include <criterion/criterion.h>

#include <random>

#include "machine/seed.hh"

using namespace sprat::grading;

namespace {

constexpr char kNonce[] = "00112233445566ff";

Transcript parse(const std::string& text) { return parse_transcript(text, kNonce, "suite.test"); }

std::string ours(const std::string& rest) { return std::string("@") + kNonce + " " + rest + "\n"; }

const std::string kWhole = ours("begin suite.test") + ours("answer sum 42") +
                           ours("answer list 1 2 3") + ours("fail a.cc:7 4 ~ 5") +
                           ours("end suite.test 12") + "sprat exit ok\n";

bool begins_a_line(const std::string& text, const std::string& words) {
  return text.starts_with(words) || text.find("\n" + words) != std::string::npos;
}

bool forged(const std::string& text) { return parse(text).forged(); }

}  // namespace

Test(transcript, whole_transcript_is_read) {
  const Transcript transcript = parse(kWhole);
  cr_assert(transcript.begun && transcript.ended && transcript.checks == 12 &&
            transcript.exit_ok == true);
  cr_assert(transcript.answers ==
            (std::map<std::string, std::string>{{"sum", "42"}, {"list", "1 2 3"}}));
  cr_assert_eq(transcript.failures.size(), 1u);
  const GuestFailure& failure = transcript.failures[0];
  cr_assert(failure.place == "a.cc:7" && failure.expected == "4" && failure.came == "5");
  cr_assert(!transcript.forged() && transcript.noise.empty());
}

Test(transcript, carriage_returns_do_not_matter) {
  std::string text;
  for (char c : kWhole) text += c == '\n' ? "\r\n" : std::string(1, c);
  cr_assert(parse(text).answers == parse(kWhole).answers && parse(text).noise.empty());
}

Test(transcript, lines_of_no_known_form_are_noise) {
  const Transcript transcript =
      parse("hello\n@\n@x answer sum 41\n@0011 begin\n" + ours("shout") + "\x01\x02\n" +
            ours("answer a\x80 1") + ours("answer long " + std::string(2000, 'x')) +
            "sprat exit\n" + "sprat exit ok");
  cr_assert_eq(transcript.noise.size(), 10u);
  cr_assert(!transcript.forged() && transcript.answers.empty() && !transcript.exit_ok);
  for (const std::string& line : transcript.noise) cr_assert_leq(line.size(), kMostLineBytes);
}

Test(transcript, foreign_nonce_is_forged_and_answers_nothing) {
  const Transcript transcript =
      parse(ours("begin suite.test") + "@0011223344556600 answer sum 42\n");
  cr_assert(transcript.forged() && transcript.answers.empty());
  cr_assert_eq(transcript.forgeries[0].line, 2u);
}

Test(transcript, lines_that_a_run_cannot_have_said_are_forged) {
  const std::string begin = ours("begin suite.test");
  const std::string end = ours("end suite.test 1");
  cr_assert(forged(ours("answer sum 42")), "an answer before the beginning");
  cr_assert(forged(begin + end + ours("answer sum 42")), "an answer after the end");
  cr_assert(forged(begin + ours("answer sum 42") + ours("answer sum 43")), "two answers");
  cr_assert(!forged(begin + ours("answer sum 42") + ours("answer sum 42")),
            "one answer, said twice");
  cr_assert(forged(begin + begin) && forged(begin + end + end) && forged(end));
  cr_assert(forged(ours("begin other.test")) && forged(begin + ours("end other.test 1")));
  cr_assert(forged(begin + ours("end suite.test")) && forged(begin + ours("end suite.test 1x")));
  cr_assert(forged(begin + ours("end suite.test -1")) && forged(ours("fail a.cc:1 1 ~ 2")));
  cr_assert(forged("sprat exit ok\nsprat exit failed\n"));
  cr_assert(forged(begin + "sprat exit ok\n" + ours("answer sum 42")), "an answer after the exit");
}

Test(transcript, evidence_needs_beginning_end_and_no_failure) {
  RunResult run;
  run.verdict = Verdict::ok;
  auto verdict = [&](const std::string& text) { return judge_evidence(run, parse(text)).verdict; };
  const std::string begin = ours("begin suite.test");
  const std::string end = ours("end suite.test 1");
  cr_assert(verdict(begin + end) == Verdict::ok);
  cr_assert(verdict("") == Verdict::early_exit);
  cr_assert(verdict(begin) == Verdict::early_exit);
  cr_assert(verdict(begin + ours("fail a.cc:7 4 ~ 5") + end) == Verdict::wrong_answer);
  cr_assert(verdict(begin + begin + end) == Verdict::forged);
  run.verdict = Verdict::triple_fault;
  cr_assert(verdict(begin) == Verdict::triple_fault);
  cr_assert(verdict(begin + begin) == Verdict::forged);
}

Test(transcript, test_that_ended_itself_says_why) {
  RunResult run;
  run.verdict = Verdict::ok;
  const std::string begin = ours("begin suite.test");
  const auto said = [&](const std::string& line) {
    return judge_evidence(run, parse(begin + line)).explanation;
  };
  const std::string reason = "the probe cannot go on: no answer: again";
  cr_assert(said(reason + "\n").find(reason) != std::string::npos);
  cr_assert(said(reason + "\x1b[2J\n").find(reason) == std::string::npos);
  cr_assert(said("something else\n").find("something else") == std::string::npos);
}

Test(transcript, random_bytes_never_become_an_answer) {
  const std::uint64_t seed = derived_seed(master_seed(), "transcript random");
  std::mt19937_64 random(seed);
  for (int round = 0; round != 3000; ++round) {
    std::string text(random() % 600, 0);
    // Few letters, so that lines nearly of the right form are common.
    for (char& c : text) c = "@0123f \nabeginswr~\r\xff"[random() % 20];
    const Transcript transcript = parse(text);
    cr_assert(transcript.answers.empty() && !transcript.begun, "seed 0x%llx, round %d",
              (unsigned long long)seed, round);
  }
}

Test(transcript, mutated_ones_hold_no_answer_that_no_line_with_our_nonce_gave) {
  const std::uint64_t seed = derived_seed(master_seed(), "transcript mutated");
  std::mt19937_64 random(seed);
  for (int round = 0; round != 20000; ++round) {
    std::string text = kWhole;
    for (std::uint64_t changes = random() % 4 + 1; changes != 0 && !text.empty(); --changes) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.erase(at, random() % 40); break;
        case 2: text.insert(at, text.substr(random() % text.size(), random() % 40)); break;
        case 3: text.insert(at, 1, '\n'); break;
      }
    }
    const Transcript transcript = parse(text);
    for (const auto& [key, value] : transcript.answers) {
      const std::string line = ours("answer " + key + (value.empty() ? "" : " " + value));
      // Without its end, which may be a carriage return first, and without a space for no value.
      cr_assert(begins_a_line(text, line.substr(0, line.size() - 1)), "seed 0x%llx, round %d: %s",
                (unsigned long long)seed, round, line.c_str());
    }
  }
}
