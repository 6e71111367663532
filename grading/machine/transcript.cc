// transcript.cc — reading lines that any program may have written.

#include "machine/transcript.hh"

#include <algorithm>
#include <charconv>

namespace sprat::grading {
namespace {

constexpr std::size_t kNonceDigits = 16;

bool is_text(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Removes the first word and the space behind it from `rest`, and returns it.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return word;
}

bool is_lower_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

class Reader {
 public:
  Reader(std::string_view nonce, std::string_view test) : nonce_(nonce), test_(test) {}

  void line(std::string_view text, bool complete) {
    ++number_;
    line_ = text;
    if (!complete || text.size() > kMostLineBytes || !is_text(text)) return noise();
    if (text == "sprat exit ok" || text == "sprat exit failed")
      return exit(text == "sprat exit ok");
    if (!text.starts_with('@')) return noise();
    std::string_view rest = text.substr(1);
    const std::string_view nonce = take_word(rest);
    if (nonce.size() != kNonceDigits ||
        !std::all_of(nonce.begin(), nonce.end(), is_lower_hexadecimal))
      return noise();
    if (nonce != nonce_) return forged("its nonce is not this run's");
    const std::string_view verb = take_word(rest);
    if (verb == "begin") return begin(rest);
    if (verb == "answer") return answer(rest);
    if (verb == "fail") return fail(rest);
    if (verb == "end") return end(rest);
    noise();
  }

  Transcript take() { return std::move(transcript_); }

 private:
  bool inside() const { return transcript_.begun && !transcript_.ended && !transcript_.exit_ok; }

  void noise() { transcript_.noise.emplace_back(line_.substr(0, kMostLineBytes)); }
  void forged(std::string why) {
    transcript_.forgeries.push_back({number_, std::string(line_), std::move(why)});
  }

  void begin(std::string_view rest) {
    if (transcript_.begun) return forged("the test has begun before");
    if (rest != test_) return forged("this run is not for that test");
    if (transcript_.exit_ok) return forged("the run has ended before");
    transcript_.begun = true;
  }

  void answer(std::string_view rest) {
    const std::string_view key = take_word(rest);
    if (key.empty()) return noise();
    if (!inside()) return forged("answers come between begin and end");
    auto [place, is_new] = transcript_.answers.emplace(key, rest);
    if (!is_new && place->second != rest) forged("the same question was answered otherwise before");
  }

  void fail(std::string_view rest) {
    if (!inside()) return forged("failures come between begin and end");
    GuestFailure failure;
    failure.place = take_word(rest);
    const std::size_t middle = rest.find(" ~ ");
    failure.expected = rest.substr(0, middle);
    if (middle != rest.npos) failure.came = rest.substr(middle + 3);
    transcript_.failures.push_back(std::move(failure));
  }

  void end(std::string_view rest) {
    if (!inside()) return forged("the test has not begun, or has ended before");
    if (take_word(rest) != test_) return forged("this run is not for that test");
    auto [stop, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), transcript_.checks);
    if (error != std::errc() || stop != rest.data() + rest.size()) {
      transcript_.checks = 0;
      return forged("it must say how many expectations were evaluated");
    }
    transcript_.ended = true;
  }

  void exit(bool ok) {
    if (transcript_.exit_ok.value_or(ok) != ok) return forged("the run has ended otherwise before");
    transcript_.exit_ok = ok;
  }

  std::string_view nonce_, test_, line_;
  std::size_t number_ = 0;
  Transcript transcript_;
};

}  // namespace

Transcript parse_transcript(std::string_view text, std::string_view nonce, std::string_view test) {
  Reader reader(nonce, test);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    reader.line(line, end != text.npos);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return reader.take();
}

namespace {

// The words of a probe that had to end its test (../probe/main.cc), or nothing.
std::string last_words(const Transcript& transcript) {
  constexpr std::string_view kBegin = "the probe cannot go on: ";
  for (const std::string& line : transcript.noise)
    if (line.starts_with(kBegin) && is_text(line)) return line;
  return {};
}

}  // namespace

Judgement judge_evidence(const RunResult& run, const Transcript& transcript) {
  if (transcript.forged()) {
    const Forgery& first = transcript.forgeries.front();
    return {Verdict::forged, "Line " + std::to_string(first.line) +
                                 " of the protocol channel cannot be this run's: " + first.why +
                                 ". Do not write to port 0xe9 yourself. It reads: " + first.text};
  }
  if (run.verdict != Verdict::ok && run.verdict != Verdict::wrong_answer)
    return {run.verdict, run.explanation};
  if (!transcript.failures.empty()) {
    const GuestFailure& first = transcript.failures.front();
    return {Verdict::wrong_answer, "At " + first.place + " " + first.expected +
                                       " was expected, and " + first.came + " came."};
  }
  if (run.verdict != Verdict::ok) return {run.verdict, run.explanation};
  if (!transcript.begun || !transcript.ended) {
    if (const std::string words = last_words(transcript); !words.empty()) {
      return {Verdict::early_exit,
              "The test ended itself; it says: " + words +
                  ". Look for a message, a signal or a core that does not come."};
    }
    return {Verdict::early_exit,
            std::string("The system says that all is well, but its test never ") +
                (transcript.begun ? "ended" : "began") +
                ". Look for the code that ends the run too soon."};
  }
  return {Verdict::ok, run.explanation};
}

}  // namespace sprat::grading
