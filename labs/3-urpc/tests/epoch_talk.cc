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
  const bool is_there = !not_received_.empty();
  const Sent message = is_there ? not_received_.front().message : Sent{0, {0}};
  const std::string right =
      is_there ? text_of(message.header, message.words) : std::string("error again");
  const std::string answer = ask("receive a " + bare(message.words.size()));
  if (answer != right) {
    const std::string where = "line " + std::to_string(its_read_);
    wrong(right + (is_there ? " from " + where : ": nothing is in " + where), answer,
          "Which lap does a new line have?");
  }
  if (is_there) {
    its_seen_acknowledged_ = not_received_.front().acknowledged;
    not_received_.pop_front();
    ++its_read_;
  }
  note_stores();
  return is_there;
}

// Each line that was written must acknowledge the lines that were read until then, and so must each report.
void EpochTalk::note_stores() {
  for (const Access& access : accesses) {
    if (access.kind != Access::Kind::store) continue;
    if (access.word == report_of(Side::first)) {
      if (access.value != slots() + its_read_) {
        wrong("its status line says that it reads line " + std::to_string(its_read_) +
                  " next, which has the number " + hex(slots() + its_read_),
              hex(access.value), "See Cursor::number in ring.hh.");
      }
      ++its_reports_;
      its_reported_ = its_read_;
    }
    if (access.word != line_of(Side::first, its_written_) + kControl) continue;
    ++its_written_;
    acknowledged_by_.push_back(its_read_);
  }
}

void EpochTalk::peer_write(const Sent& message, std::uint64_t acknowledging) {
  acknowledged_ += std::min(acknowledging, read_ - acknowledged_);
  const std::size_t first = line_of(Side::second, written_);
  for (std::size_t i = 0; i < message.words.size(); ++i) memory[first + i] = message.words[i];
  memory[first + kControl] =
      control_word(message.header, lap_of(written_), slots() + acknowledged_);
  ++written_;
  not_received_.push_back({message, acknowledged_});
}

void EpochTalk::peer_report(std::uint64_t acknowledging) {
  acknowledged_ += std::min(acknowledging, read_ - acknowledged_);
  memory[report_of(Side::second)] = slots() + acknowledged_;
}

void EpochTalk::peer_read() {
  for (;; ++read_) {
    const std::size_t line = line_of(Side::first, read_);
    const std::uint64_t control = memory[line + kControl];
    if (lap_in(control) != (lap_of(read_) & 0xffff)) break;
    const std::string name = "line " + std::to_string(read_);
    if (acknowledged_by_.empty()) wrong(name + " has not been written", "its lap says it was");
    const std::uint64_t right =
        control_word(header_in(control), lap_of(read_), slots() + acknowledged_by_.front());
    if (control != right) {
      wrong(name + " has the control word " + hex(right), hex(control),
            "See message.hh: the header, the line that its sender reads next, and the lap.");
    }
    seen_acknowledged_ = acknowledged_by_.front();
    acknowledged_by_.pop_front();
    if (sent_.empty()) wrong("the messages that were sent", "one more, in " + name);
    const Sent& message = sent_.front();
    bool is_right = header_in(control) == message.header;
    for (std::size_t i = 0; i < message.words.size(); ++i)
      is_right = is_right && memory[line + i] == message.words[i];
    if (!is_right) wrong("the message in " + name + " as it was sent", "another header or words");
    sent_.pop_front();
  }
  if (!sent_.empty()) {
    wrong(std::to_string(sent_.size()) + " more messages, which were sent",
          "nothing in line " + std::to_string(read_) + ", or its lap is another one");
  }
}

}  // namespace lab
