// conversation.cc — see conversation.hh.

#include "conversation.hh"

#include <algorithm>
#include <sstream>

namespace lab {
namespace {

using sprat::grading::bare;

constexpr std::size_t kMostAccesses = 10'000;  // for one question; no correct end comes near
constexpr std::size_t kLongestLog = std::size_t{64} << 10;

Access parse(const std::string& line) {
  static const std::map<std::string, Access::Kind> kinds = {
      {"load", Access::Kind::load},     {"store", Access::Kind::store},
      {"fence", Access::Kind::fence},   {"room", Access::Kind::room},
      {"signal", Access::Kind::signal}, {"now", Access::Kind::now},
      {"relax", Access::Kind::relax},   {"sleep", Access::Kind::sleep}};
  std::istringstream words(line);
  std::string kind;
  words >> kind;
  Access access;
  access.kind = kinds.at(kind);
  if (access.kind == Access::Kind::load || access.kind == Access::Kind::store) {
    words >> std::hex >> access.word >> access.order;
    if (access.kind == Access::Kind::store) words >> access.value;
  }
  return access;
}

bool is_access(const std::string& line) {
  static const char* const kKinds[] = {"load ",   "store ", "fence", "room",
                                       "signal ", "now",    "relax", "sleep"};
  return std::ranges::any_of(kKinds, [&](const char* kind) { return line.starts_with(kind); });
}

}  // namespace

Conversation::Conversation(Trial& trial, std::size_t slots)
    : memory((2 + 2 * slots) * kWordsOfLine), trial_(trial), slots_(slots) {
  expect("frame " + bare(slots), "done");
}

void Conversation::add_end(const std::string& name, const std::string& kind, Side side) {
  ends_[name] = {kind, side};
  expect("end " + name + " " + kind + " " + bare(static_cast<unsigned>(side)), "done");
}

std::string Conversation::ask(const std::string& question) {
  std::istringstream words(question);
  std::string verb, name;
  words >> verb >> name;
  accesses.clear();
  log_ += "> " + question + "\n";
  if (log_.size() > 2 * kLongestLog) log_.erase(0, log_.size() - kLongestLog);
  std::string line = trial_.ask(question);
  while (is_access(line)) {
    if (accesses.size() == kMostAccesses) {
      trial_.fail({sprat::grading::Verdict::hang_silent, question + " comes to an end",
                   "it does not, after " + std::to_string(kMostAccesses) + " accesses",
                   "look for a loop whose condition never becomes true"});
    }
    log_ += "    " + line + "\n";
    Access access = parse(line);
    access.end = ends_.contains(name) ? name : "";
    access.time = time;
    before(access);
    check_allowed(access);
    accesses.push_back(access);
    line = trial_.ask(answer_to(access));
  }
  log_ += "  " + line + "\n";
  return line;
}

void Conversation::expect(const std::string& question, const std::string& answer) {
  const std::string came = ask(question);
  if (came != answer) wrong(question + " -> " + answer, came);
}

std::string Conversation::answer_to(const Access& access) {
  switch (access.kind) {
    case Access::Kind::load: {
      std::uint64_t value = memory[access.word];
      for (const auto& [word, stored] : buffer_)
        if (word == access.word) value = stored;
      if (sees) value = sees(access.word, value);
      accesses.back().value = value;
      return bare(value);
    }
    case Access::Kind::store:
      buffer_.emplace_back(access.word, access.value);
      if (!has_store_buffer) drain();
      break;
    case Access::Kind::fence:
    case Access::Kind::signal: drain(); break;
    case Access::Kind::now: return bare(time);
    case Access::Kind::relax: ++time; break;
    case Access::Kind::sleep: on_sleep(); break;
    case Access::Kind::room: break;
  }
  return "-";
}

void Conversation::drain() {
  for (const auto& [word, value] : buffer_) memory[word] = value;
  buffer_.clear();
}

std::size_t Conversation::count(Access::Kind kind) const {
  return static_cast<std::size_t>(std::ranges::count(accesses, kind, &Access::kind));
}

// Lines of the own ring and the own status line may be written, those of the other side may be read. With used bits, a receiver writes control
// words of the other side's lines, and a sender reads those of its own.
void Conversation::check_allowed(const Access& access) {
  if (access.kind != Access::Kind::load && access.kind != Access::Kind::store) return;
  const bool is_store = access.kind == Access::Kind::store;
  if (access.word >= memory.size()) {
    wrong("accesses to the frame only",
          std::string(is_store ? "a store" : "a load") + " outside of it",
          "Cursor and View know where the lines are.");
  }
  const auto end = ends_.find(access.end);
  if (end == ends_.end()) return;  // a wait, for any number of them
  const auto& [kind, side] = end->second;
  const std::size_t first = line_of(side, 0), last = first + slots_ * kWordsOfLine;
  const bool is_own = (access.word >= first && access.word < last) ||
                      access.word / kWordsOfLine == static_cast<std::size_t>(side);
  const bool is_used_bit =
      kind.ends_with("used-bit") && access.word % kWordsOfLine == kControl && access.word >= 16;
  if (is_store && !is_own && !is_used_bit) {
    wrong("no store to a line of the other side", "a store to " + name_of(access.word),
          "Each line is written by one side only; that is why it moves only once.");
  }
}

std::string Conversation::name_of(std::size_t word) const {
  const std::size_t line = word / kWordsOfLine;
  const std::string part = word % kWordsOfLine == kControl
                               ? "control word"
                               : "word " + std::to_string(word % kWordsOfLine);
  if (line < 2) return std::string(line == 0 ? "first" : "second") + " side's status line, " + part;
  return "line " + std::to_string((line - 2) % slots_) + " of the " +
         (line < 2 + slots_ ? "first" : "second") + " side's ring, " + part;
}

void Conversation::wrong(const std::string& expected, const std::string& came,
                         const std::string& explain) {
  trial_.keep_log("conversation", "A frame of " + std::to_string(slots_) +
                                      " lines in each direction. Words are counted in hexadecimal "
                                      "from its beginning; the last questions:\n\n" +
                                      log_);
  trial_.wrong(expected, came, explain);
}

std::string text_of(std::uint32_t header, const std::vector<std::uint64_t>& words) {
  std::string text = "ok " + bare(header);
  for (const std::uint64_t word : words) text += " " + bare(word);
  return text;
}

std::string send_question(const std::string& name, std::uint32_t header,
                          const std::vector<std::uint64_t>& words) {
  std::string text = "send " + name + " " + bare(header);
  for (const std::uint64_t word : words) text += " " + bare(word);
  return text;
}

}  // namespace lab
