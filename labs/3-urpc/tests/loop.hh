// loop.hh — an event loop with channels, in the code under test: its tasks act, and are resumed, when the test says so.

#pragma once

#include <string>
#include <vector>

#include "lab/trial.hh"

namespace lab {

using sprat::grading::Trial;

class Loop {
 public:
  Loop(Trial& trial, unsigned channels) : trial_(trial) {
    act("begin " + sprat::grading::bare(channels));
  }

  std::string ask(const std::string& question) { return trial_.ask("loop " + question); }
  void act(const std::string& step) { trial_.expect_equal(step, "done", ask(step)); }

  // A task that receives, or sends a message of one word.
  void receive(const std::string& task, unsigned channel = 0, unsigned side = 1);
  void send(const std::string& task, std::uint64_t value, unsigned channel = 0, unsigned side = 0);

  // Resumes all tasks that can be resumed. These have ended since the last time, in this order: "a=ok b=error:again"; or
  // "none".
  void expect_ended(const std::string& right) {
    act("turns");
    trial_.expect_equal("tasks that have ended", right, ask("ended"));
  }
  std::vector<std::string> ended();

  // The lines that came at a side.
  std::vector<std::vector<std::uint64_t>> take_all(unsigned channel = 0, unsigned side = 1);

  // The peer sends a line.
  void put(std::uint32_t header, const std::vector<std::uint64_t>& words, unsigned channel = 0,
           unsigned side = 1);

 private:
  Trial& trial_;
};

// Names of tasks in the form of expect_ended.
std::string joined(const std::vector<std::string>& words);
std::string task(const char* kind, std::uint64_t number);

}  // namespace lab
