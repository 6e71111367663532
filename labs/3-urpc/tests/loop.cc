// loop.cc — see loop.hh.

#include "loop.hh"

#include <sstream>

namespace lab {

using sprat::grading::bare;

void Loop::receive(const std::string& task, unsigned channel, unsigned side) {
  act("receive " + task + " " + bare(channel) + " " + bare(side));
}

void Loop::send(const std::string& task, std::uint64_t value, unsigned channel, unsigned side) {
  act("send " + task + " " + bare(channel) + " " + bare(side) + " " + bare(value));
}

std::vector<std::string> Loop::ended() {
  act("turns");
  std::istringstream text(ask("ended"));
  std::vector<std::string> tasks;
  for (std::string task; text >> task;)
    if (task != "none") tasks.push_back(task);
  return tasks;
}

std::vector<std::vector<std::uint64_t>> Loop::take_all(unsigned channel, unsigned side) {
  std::vector<std::vector<std::uint64_t>> lines;
  for (;;) {
    std::istringstream answer(ask("take " + bare(channel) + " " + bare(side)));
    std::string word;
    answer >> word;
    if (word != "ok") return lines;
    lines.emplace_back();
    while (answer >> word) lines.back().push_back(std::stoull(word, nullptr, 16));
  }
}

void Loop::put(std::uint32_t header, const std::vector<std::uint64_t>& words, unsigned channel,
               unsigned side) {
  std::string question = "put " + bare(channel) + " " + bare(side) + " " + bare(header);
  for (const std::uint64_t word : words) question += " " + bare(word);
  std::string sent = ask(question);
  if (sent == "error again") {  // room comes with the lines that this side receives
    take_all(channel, side);
    sent = ask(question);
  }
  trial_.expect_equal("a line that the peer sends", "ok", sent);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text.empty() ? "none" : text;
}

std::string task(const char* kind, std::uint64_t number) { return kind + std::to_string(number); }

}  // namespace lab
