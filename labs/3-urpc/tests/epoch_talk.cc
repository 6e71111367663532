// epoch_talk.cc — see epoch_talk.hh.

#include "epoch_talk.hh"

namespace lab {

using sprat::grading::bare;
using sprat::grading::hex;

Sent random_message(Trial& trial) {
  constexpr std::size_t kSizes[] = {0, 1, 2, 7};
  Sent message{static_cast<std::uint32_t>(trial.random()()),
               std::vector<std::uint64_t>(kSizes[trial.below(4)])};
  for (std::uint64_t& word : message.words) word = trial.random()();
  return message;
}

EpochTalk::EpochTalk(Trial& trial, std::size_t slots, const std::string& kind)
    : Conversation(trial, slots), trial_(trial) {
  add_end("a", kind, Side::first);
}

bool EpochTalk::send(const Sent& message) {
  const std::string answer = ask(send_question("a", message.header, message.words));
  note_stores();
  if (answer == "ok") {
    sent_.push_back(message);
    return true;
  }
  if (answer != "error again") wrong("ok, or error again if there is no room", answer);
  if (count(Access::Kind::store) != 0)
    wrong("nothing is written where send says `again`", "a store", "Look for room first.");
  return false;
}

bool EpochTalk::receive() {
  std::uint64_t lines = 0;
  while (lines < not_received_.size() && not_received_[lines].is_only) ++lines;
  const bool is_there = lines < not_received_.size();
  const Sent message = is_there ? not_received_[lines].message : Sent{0, {0}};
  const std::string right =
      is_there ? text_of(message.header, message.words) : std::string("error again");
  const std::string answer = ask("receive a " + bare(message.words.size()));
  note_stores();
  if (answer != right) {
    const std::string where = "line " + std::to_string(its_read_ + lines);
    wrong(right + (is_there ? " from " + where : ": nothing is in " + where), answer,
          "Which epoch does a line have that is new?");
  }
  lines += is_there ? 1 : 0;
  for (; lines != 0; --lines, ++its_read_) {
    its_seen_acknowledged_ = not_received_.front().acknowledged;
    not_received_.pop_front();
  }
  return is_there;
}

// Each line that was written must acknowledge what was read until then.
void EpochTalk::note_stores() {
  for (const Access& access : accesses) {
    const bool is_control = access.word == line_of(Side::first, its_written_) + kControl;
    if (access.kind != Access::Kind::store || !is_control) continue;
    ++its_written_;
    acknowledged_by_.push_back(its_read_);
  }
}

void EpochTalk::peer_write(const Sent& message, std::uint64_t acknowledging) {
  acknowledged_ += std::min(acknowledging, read_ - acknowledged_);
  put({false, message, acknowledged_});
}

void EpochTalk::peer_acknowledge(std::uint64_t acknowledging) {
  acknowledged_ += std::min(acknowledging, read_ - acknowledged_);
  put({true, {}, acknowledged_});
}

void EpochTalk::put(const Line& line) {
  const std::size_t first = line_of(Side::second, written_);
  for (std::size_t i = 0; i < line.message.words.size(); ++i)
    memory[first + i] = line.message.words[i];
  memory[first + kControl] =
      control_word(line.message.header, epoch_of(written_), line.is_only, line.acknowledged);
  ++written_;
  not_received_.push_back(line);
}

std::size_t EpochTalk::peer_read() {
  std::size_t acknowledgements = 0;
  for (;; ++read_) {
    const std::size_t line = line_of(Side::first, read_);
    const std::uint64_t control = memory[line + kControl];
    if (((control & kEpochBit) != 0) != epoch_of(read_)) break;
    const std::string name = "line " + std::to_string(read_);
    if (acknowledged_by_.empty()) wrong(name + " has not been written", "its epoch says it was");
    const bool is_only = (control & kAcknowledgementOnlyBit) != 0;
    const auto header = static_cast<std::uint32_t>(control);
    const std::uint64_t right =
        control_word(header, epoch_of(read_), is_only, acknowledged_by_.front());
    if (control != right) {
      wrong(name + " has the control word " + hex(right), hex(control),
            "See message.hh: the epoch, and how many lines its sender has read.");
    }
    seen_acknowledged_ = acknowledged_by_.front();
    acknowledged_by_.pop_front();
    if (is_only) {
      ++acknowledgements;
      continue;
    }
    if (sent_.empty()) wrong("nothing but what was sent", "one message more, in " + name);
    const Sent& message = sent_.front();
    bool is_right = header == message.header;
    for (std::size_t i = 0; i < message.words.size(); ++i)
      is_right = is_right && memory[line + i] == message.words[i];
    if (!is_right) wrong("the message in " + name + " as it was sent", "another header or words");
    sent_.pop_front();
  }
  if (!sent_.empty()) {
    wrong(std::to_string(sent_.size()) + " more messages, which were sent",
          "nothing in line " + std::to_string(read_) + ", or its epoch is not that of its lap");
  }
  return acknowledgements;
}

}  // namespace lab
