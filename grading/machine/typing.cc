// typing.cc — one key after the other.

#include "machine/typing.hh"

#include <algorithm>
#include <numeric>

namespace sprat::grading {
namespace {

// More than any guest takes to look at its UART: a guest's second is less than one of work.
constexpr double kWorkSeconds = 0.05;

bool shows(const std::string& text, const std::string& prompt) {
  return !text.empty() && text.find(prompt) != std::string::npos;
}

}  // namespace

bool has_echo(std::string_view text, std::size_t begin, char key, std::string_view prompt) {
  while (begin < text.size()) {
    std::string_view line = text.substr(begin);
    if (!prompt.empty() && line.starts_with(prompt)) {
      line.remove_prefix(prompt.size());
      if (key != ' ') line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    }
    if (line.starts_with(key) || (key == '\n' && line.starts_with('\r'))) return true;
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) return false;
    begin = end + 1;
  }
  return false;
}

bool Typing::was_taken(Emulation& emulation) const {
  return !emulation.on_bochs() || last_ == 0 ||
         has_echo(emulation.console().text(), shown_before_, last_, prompt_) ||
         emulation.process().activity().cpu_seconds >= worked_before_ + kWorkSeconds;
}

void Typing::go_on(Emulation& emulation) {
  if (!listens_) listens_ = shows(emulation.console().text(), prompt_);
  if (!listens_) return;
  while (!keys_.empty()) {
    Keys& next = keys_.front();
    if (!may_begin(next, emulation.console().text())) return;
    while (!next.typed.empty()) {
      if (!was_taken(emulation) || !emulation.type(next.typed.front())) return;
      last_ = next.typed.front();
      next.typed.erase(0, 1);
      shown_before_ = emulation.console().text().size();
      worked_before_ = emulation.process().activity().cpu_seconds;
    }
    keys_.pop_front();
  }
}

bool Typing::may_begin(Keys& keys, const std::string& text) {
  if (keys.after.empty()) return true;
  const std::size_t at = text.find(keys.after, waited_for_);
  if (at == std::string::npos) return false;
  waited_for_ = at + keys.after.size();
  keys.after.clear();
  return true;
}

std::size_t Typing::waiting() const {
  return std::accumulate(keys_.begin(), keys_.end(), std::size_t{0},
                         [](std::size_t sum, const Keys& keys) { return sum + keys.typed.size(); });
}

}  // namespace sprat::grading
