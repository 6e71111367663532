// lodger.cc — a process that needs whole pieces of RAM, more than its core has:
//
//   lodger PIECES            takes so many, or as many as there are, and holds them until it is killed
//   lodger PIECES RETURNED   the same, and gives back so many of them
//   lodger PIECES go         the same as the first, and ends
//   lodger 0 asks            asks for pieces of other cores again and again, takes none, and waits until it is killed
//   lodger 0 trade SEED      takes as many as there are, gives some back, for ever
//   lodger 0 reap KILLS SEED starts traders on its core, and kills them at random moments (trial.hh)
//
// It writes to each page of a piece, which must be zero before, and looks whether all is still there before it gives the piece back.

#include "lib/memory_requests.hh"
#include "lib/more_memory.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"
#include "tests/programs/trial.hh"

namespace sprat {
namespace {

constexpr unsigned kPieceBits = kMostBlockBits;
constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << kPieceBits;
constexpr std::size_t kMost = 60;  // the last slots: the first ones are the memory client's
constexpr CapRef<Type::endpoint> kServer{task_slot(ProgramSlot::memory)};
constexpr Quota kQuota{.processes = 1, .memory = 16 << 20, .channels = 0, .slots = 30};

// A place where a debugger can look (kernel/tests/properties/watch.py).
extern "C" [[gnu::noinline]] void lodger_has_borrowed() { asm volatile(""); }

class Lodgings {
 public:
  std::size_t count() const { return count_; }
  std::uint64_t wrong_pages() const { return wrong_pages_; }

  // Takes one more, of this core or of another one.  out_of_memory, quota_exceeded
  Result<void> take() {
    if (count_ == kMost) return Error::out_of_memory;
    const std::uint64_t slot = kFirstRamSlot + kRamSlots - 1 - count_;
    const auto number = TRY(allocate(slot));
    auto frame =
        TRY(retype<Type::frame>(CapRef<Type::ram>(CapAddress(kTaskNode, slot)), kPieceBits));
    TRY(runtime().space.map(place_of(count_), frame, kPieceBytes, kWrite));
    numbers_[count_] = number;
    frames_[count_] = std::move(frame);
    for (std::uint64_t page = 0; page < kPieceBytes; page += kPageSize) {
      wrong_pages_ += word_at(count_, page) != 0 ? 1 : 0;
      word_at(count_, page) = page + count_;
    }
    ++count_;
    return {};
  }

  // Gives the last one back.
  Result<void> give_back() {
    --count_;
    for (std::uint64_t page = 0; page < kPieceBytes; page += kPageSize)
      wrong_pages_ += word_at(count_, page) != page + count_ ? 1 : 0;
    TRY(runtime().space.unmap(place_of(count_)));
    frames_[count_] = Cap<Type::frame>();
    const auto answer =
        TRY(ask(kServer, {static_cast<std::uint64_t>(MemoryRequest::give_back), numbers_[count_]}));
    if (answer.words[0] != 0) kOtherCores.tell_released();
    return {};
  }

 private:
  static VirtualAddress place_of(std::size_t index) { return kOwnMappings + index * kPieceBytes; }
  static volatile std::uint64_t& word_at(std::size_t index, std::uint64_t offset) {
    return *reinterpret_cast<volatile std::uint64_t*>((place_of(index) + offset).value());
  }

  // Asks as the memory client does. Returns the number of the block.
  static Result<std::uint64_t> allocate(std::uint64_t slot) {
    for (int tries = 0;; ++tries) {
      const auto answer = ask(kServer, {static_cast<std::uint64_t>(MemoryRequest::allocate),
                                        kPieceBits, kPieceBits, slot});
      if (answer) return answer.value().words[0];
      if (answer.error() != Error::out_of_memory || tries == 4) return answer.error();
      TRY(kOtherCores.wait_for_more());
      lodger_has_borrowed();
    }
  }

  std::size_t count_ = 0;
  std::uint64_t wrong_pages_ = 0;
  std::array<std::uint64_t, kMost> numbers_{};
  std::array<Cap<Type::frame>, kMost> frames_;
};

Result<void> hold(Lodgings& lodgings, std::uint64_t pieces, std::uint64_t returned) {
  Result<void> taken;
  while (taken && lodgings.count() < pieces) taken = lodgings.take();
  const std::size_t count = lodgings.count();
  while (returned-- != 0 && lodgings.count() != 0) TRY(lodgings.give_back());
  print("lodger: {} of {} pieces: {}; {} given back, {} wrong pages\n", count, pieces,
        taken ? "all" : name_of(taken.error()), count - lodgings.count(), lodgings.wrong_pages());
  return {};
}

void ask_and_take_none() {
  constexpr int kQuestions = 50;
  int answered = 0;
  for (int question = 0; question < kQuestions; ++question)
    answered += kOtherCores.wait_for_more() ? 1 : 0;
  print("lodger: asked {} times, {} times in vain\n", kQuestions, kQuestions - answered);
}

[[noreturn]] void trade(Lodgings& lodgings, std::uint64_t seed) {
  bench::Dice dice(seed);
  for (;;) {
    if (lodgings.take()) continue;
    for (auto returned = dice.roll() % (lodgings.count() + 1); returned != 0; --returned)
      static_cast<void>(lodgings.give_back());
    yield(Yield::stay);
    if (lodgings.wrong_pages() != 0)
      print("lodger: {} wrong pages in a trade\n", lodgings.wrong_pages());
  }
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t pieces = 0, number = 0, seed = 0;
  if (!parse_number(next_word(words), pieces)) return 1;
  const std::string_view what = next_word(words);
  if (what == "reap" && parse_number(next_word(words), number) &&
      parse_number(next_word(words), seed)) {
    const auto reaped = reap("lodger", 0, number, seed, kQuota);
    print("lodger: reap: {}\n", reaped ? "all came back" : name_of(reaped.error()));
    return reaped ? 0 : 1;
  }
  Lodgings lodgings;
  if (what == "asks") ask_and_take_none();
  if (what == "trade" && parse_number(next_word(words), seed)) trade(lodgings, seed);
  const bool ends = what == "go";
  const bool gives_back = !ends && !what.empty() && parse_number(what, number);
  const auto held = hold(lodgings, pieces, gives_back ? number : 0);
  if (!held) print("lodger: {}\n", name_of(held.error()));
  if (!held || ends) return held ? 0 : 1;
  for (;;) {
    static_cast<void>(take_notifications());
    wait_for_notification();
  }
}
