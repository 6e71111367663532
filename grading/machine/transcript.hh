// transcript.hh — the lines of a guest on the protocol channel, sorted into evidence, noise and forgeries.
//
//   @NONCE begin TEST                       once
//   @NONCE answer KEY VALUE...              to be compared with an oracle that the guest does not
//   know
//   @NONCE fail FILE:LINE EXPECTED ~ CAME   an expectation inside the guest that failed
//   @NONCE end TEST CHECKS                  once, with the number of expectations evaluated
//   sprat exit ok | sprat exit failed       once, the last line

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/run_result.hh"

namespace sprat::grading {

inline constexpr std::size_t kMostLineBytes = 1024;

// An expectation that failed in the guest.
struct GuestFailure {
  std::string place;  // "file:line"
  std::string expected;
  std::string came;
};

// A line this run cannot have sent.
struct Forgery {
  std::size_t line = 0;  // of the channel, from 1
  std::string text;
  std::string why;
};

struct Transcript {
  bool begun = false;
  bool ended = false;
  std::uint64_t checks = 0;  // what the guest says it evaluated
  std::map<std::string, std::string> answers;
  std::vector<GuestFailure> failures;
  std::vector<Forgery> forgeries;
  std::vector<std::string> noise;  // lines of no known form
  std::optional<bool> exit_ok;     // what `sprat exit` said, if it was said

  bool forged() const { return !forgeries.empty(); }
};

// Never fails, whatever the text is. `nonce` and `test` are those given to the guest at boot. A
// line with another nonce or for another test, a second begin or end, an answer outside of them or
// given twice with different values, and an exit taken back are forgeries. Time and memory are
// proportional to the text.
Transcript parse_transcript(std::string_view text, std::string_view nonce, std::string_view test);

// The joint judgement of run and transcript, before an answer is compared.
struct Judgement {
  Verdict verdict = Verdict::ok;
  std::string explanation;
};

// Returns the run's own verdict unless the transcript is forged (that comes first), names failed
// expectations, or is not complete.
Judgement judge_evidence(const RunResult& run, const Transcript& transcript);

}  // namespace sprat::grading
