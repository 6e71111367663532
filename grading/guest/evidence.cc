// evidence.cc — the lines of a report.

#include "grading/guest/evidence.hh"

#include <algorithm>

#include "sprat/text.hh"

namespace sprat::evidence {

Session::Session(const boot::CommandLine& words, std::string_view test)
    : test_(test), seed_(words.get_hex("seed").value_or(0)) {
  // Copied, so that a report can be finished even if the command line is overwritten meanwhile.
  const auto nonce = words.get("nonce").value_or("");
  std::ranges::copy(slice(nonce, 0, nonce_.size()), nonce_.begin());
  begin_line("begin");
  format(write, "{}\n", test_);
}

Session::~Session() {
  begin_line("end");
  format(write, "{} {}\n", test_, checks_);
}

void Session::begin_line(std::string_view verb) {
  format(write, "@{} {} ", std::string_view(nonce_.data(), nonce_.size()), verb);
}

}  // namespace sprat::evidence
