// probe.cc — texts and numbers as the probe has them.

#include "lab/probe.hh"

#include <cstdio>

namespace lab {

sprat::grading::Boot probe(const std::string& test, unsigned slowness) {
  return {.image = "sprat", .test = test, .program = "probe", .instruction_time_bits = slowness};
}

void expect_answers(sprat::grading::Trial& trial, const sprat::grading::Booted& booted,
                    const Expected& expected) {
  for (const auto& [key, value] : expected)
    trial.expect_equal(key, value, booted.transcript.answers.at(key));
}

std::string sixteen(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%016lx", static_cast<unsigned long>(number));
  return text;
}

}  // namespace lab
