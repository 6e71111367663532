// late_answers.hh — answers that need other cores. The caller is told `again`; the notification that came along with its request is
// signalled when the answer is there, and the caller makes the same request once more (lib/late_answers.hh):
//
//   caller                        monitor                     another core
//     ├─ request, notification ───▶│ an entry ── question ─────▶│
//     │◀─ again ───────────────────┤                            │
//     │  blocks                    │◀───────────────── answer ──┤
//     │◀─ signal ──────────────────┤
//     ├─ request, notification ───▶│ the entry is free again
//     │◀─ the answer ──────────────┤
//
// The notification tells callers apart. The entry of a process that ends goes with it.

#pragma once

#include "monitor/processes.hh"

namespace sprat::monitor {

class LateAnswers final : public Part {
 public:
  static constexpr std::size_t kMost = 16;             // callers that wait
  static constexpr std::uint32_t kNoCore = kMaxCores;  // no core in particular

  // Returns the answer to `call`, which names its question by words 0 to 2. The first time, calls `begin(number)`, which asks for the
  // answer and returns `again`, or has it already. The death of `core` is an answer: peer_gone.
  //   again                       the caller will be signalled
  //   no_capability, wrong_type   no notification came along
  //   out_of_memory               kMost callers wait
  template <class Begin>
  Result<Words> answer(const Call& call, ReceiveSlot& received, std::uint32_t core, Begin begin) {
    Entry* const entry = TRY(entry_for(call, received, core));
    if (entry->is_new) {
      entry->is_new = false;
      const Result<Words> first = begin(entry->number);
      if (is_awaited(*entry)) entry->answer = first;
    }
    const Result<Words> answer = entry->answer;
    if (!is_again(answer)) *entry = Entry();
    return answer;
  }

  // The answer to question `number`, which core `from` was asked; without effect if no caller waits for it.
  void give(std::uint32_t from, std::uint64_t number, const Result<Words>& answer);

  // Answers those requests of this kind that can be answered now: `look(argument)` returns the answer, or `again`.
  template <class Look>
  void look_again(std::uint64_t request, Look look) {
    for (Entry& entry : entries_)
      if (is_awaited(entry) && entry.question[0] == request) set(entry, look(entry.question[1]));
  }

  bool needs(std::uint32_t core) const override;
  void core_ended(std::uint32_t core) override;
  void before_end(const Process& process) override;
  void count(Census& census) const override;

 private:
  using Question = std::array<std::uint64_t, 3>;
  struct Entry {
    Cap<Type::notification> caller;  // none: the entry is free
    Question question{};
    std::uint32_t core = kNoCore;
    std::uint64_t number = 0;  // no other question has the same
    bool is_new = true;
    Result<Words> answer = Error::again;
  };

  static bool is_again(const Result<Words>& answer) {
    return !answer && answer.error() == Error::again;
  }
  static bool is_awaited(const Entry& entry) { return entry.caller && is_again(entry.answer); }
  static void set(Entry& entry, const Result<Words>& answer);
  Result<Entry*> entry_for(const Call& call, ReceiveSlot& received, std::uint32_t core);

  std::array<Entry, kMost> entries_{};
  std::uint64_t last_number_ = 0;
};

}  // namespace sprat::monitor
