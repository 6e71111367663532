// memory.cc — exercises 1 to 4 together: the memory that a process can touch, and until when.

#include <bit>

#include "lib/upcalls.hh"
#include "worker.hh"

namespace sprat::probe {
namespace {

extern "C" {
void run_with_registers(const Registers& in, std::uint64_t code);  // worker.S
void come_back();
extern const char read_rdi[], write_rdi[], call_rdi[];
}

// Where this file maps things.
constexpr std::uint64_t kHere = kOwnMappings.value() + (std::uint64_t{1} << 30);

constinit std::uint64_t fault_error = 0, fault_address = 0, faults = 0;
constinit bool is_expected = false;

bool note_and_come_back(DispatcherFrame& frame) {
  if (!is_expected || frame.trap.vector != 14) return false;
  ++faults;
  fault_error = frame.trap.error;
  fault_address = frame.trap_address;
  frame.trap.rip = reinterpret_cast<std::uint64_t>(&come_back);
  return true;
}

// How an access ends: "ok", or by a page fault with this error.
std::uint64_t error_of_access(const char* code, std::uint64_t address) {
  const std::uint64_t before = faults;
  Registers in{};
  in.rdi = address;
  is_expected = true;
  run_with_registers(in, reinterpret_cast<std::uint64_t>(code));
  is_expected = false;
  if (faults == before) return 0;
  return fault_address == address ? fault_error : ~std::uint64_t{0};
}
std::uint64_t error_of_read(std::uint64_t address) { return error_of_access(read_rdi, address); }
std::uint64_t error_of_write(std::uint64_t address) { return error_of_access(write_rdi, address); }
std::uint64_t error_of_call(std::uint64_t address) { return error_of_access(call_rdi, address); }

std::uint64_t& word_at(std::uint64_t address) { return *reinterpret_cast<std::uint64_t*>(address); }

asm(R"(
  .text
read_rdi:
  movb (%rdi), %al
  jmp come_back
write_rdi:
  movb $0xc3, (%rdi)
  jmp come_back
call_rdi:
  call *%rdi
  jmp come_back
)");

Result<void> map_at(std::uint64_t address, const Cap<Type::frame>& frame, std::uint64_t bytes,
                    Rights rights) {
  return runtime().space.map(VirtualAddress(address), frame, bytes, rights);
}

// For each word in note 0: mixes it with the word in memory that note 3 names, and with note 2, where it is left.
void read_when_asked(WorkerPage& page) {
  auto& asked = reinterpret_cast<volatile std::uint64_t&>(page.notes[0]);
  auto& answered = reinterpret_cast<volatile std::uint64_t&>(page.notes[1]);
  for (;;) {
    const std::uint64_t word = asked;
    if (word == answered) {
      yield(Yield::stay);
      continue;
    }
    note(Event::told, page);
    const std::uint64_t content = *reinterpret_cast<const volatile std::uint64_t*>(page.notes[3]);
    note(Event::returns, page);
    page.notes[2] = mixed(page.notes[2], mixed(word, content));
    answered = word;
  }
}

// A frame from RAM of its own with a random word in it, copies of it, and a user of one of these in another address space.
struct Lent {
  static constexpr unsigned kMostCopies = 24;

  Lent(Space& space, evidence::Sequence& sequence, unsigned number)
      : ram(must(runtime().ram.make<Type::ram>(12), "RAM for a frame")),
        frame(must(retype<Type::frame>(ram, 12), "a frame")),
        user(read_when_asked, {.space = &space}) {
    const std::uint64_t offset = sequence.next() % 4096 / 8 * 8;
    const std::uint64_t page = kHere + number * 0x10000 + sequence.next() % 16 * 4096;
    must(map_at(page, frame, 4096, kWrite), "mapping a frame");
    word_at(page + offset) = sequence.next();
    const std::uint64_t before = sequence.next() % (kMostCopies / 2);
    make_copies(before);
    mapped = must(mint(frame), "a copy");
    must(space.tables().map(VirtualAddress(page), mapped, 4096, Rights()), "mapping it there");
    make_copies(sequence.next() % (kMostCopies / 2));
    user.page().notes[3] = page + offset;
    user.run();
  }

  void make_copies(std::uint64_t how_many) {
    for (; how_many != 0; --how_many) copies[made++] = must(mint(frame), "a copy");
  }

  // Lets it read once more, unless it has been stopped, or is at that.
  void ask(std::uint64_t word) {
    if (user.state() == DispatcherState::stopped) return;
    note(Event::tells);
    user.page().notes[0] = word;
    static_cast<void>(wait_for(
        [&] { return user.page().notes[1] == word || user.state() == DispatcherState::stopped; }));
  }

  // Capabilities to the frame that are still there, but for itself.
  std::uint64_t copies_left() const {
    std::uint64_t left = identify(mapped.address()) ? 1 : 0;
    for (unsigned i = 0; i < made; ++i) left += identify(copies[i].address()) ? 1 : 0;
    return left;
  }

  Cap<Type::ram> ram;
  Cap<Type::frame> frame, mapped;
  std::array<Cap<Type::frame>, kMostCopies> copies;
  unsigned made = 0;
  Worker user;
};

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// Accesses before, while and after memory is mapped, with all rights.
PROBE(mapping) {
  evidence::Sequence sequence(session.seed());
  set_trap_handler(note_and_come_back);
  const std::uint64_t offset = sequence.next() % 4096 / 8 * 8;
  auto frame = must(runtime().ram.make<Type::frame>(13), "a frame");
  const auto copy = must(mint(frame), "a copy"), code = must(mint(frame), "a copy");
  session.answer("before", error_of_read(kHere + offset));
  must(map_at(kHere, frame, 8192, kWrite), "mapping");
  word_at(kHere + offset) = sequence.next();
  word_at(kHere + 4096 + offset) = 0xc3;
  must(map_at(kHere + 0x10000, copy, 8192, Rights()), "mapping a copy");
  must(map_at(kHere + 0x20000, code, 8192, kExecute), "mapping a copy");
  session.answer("by_copy", VirtualAddress(word_at(kHere + 0x10000 + offset)));
  session.answer(
      "rights", error_of_write(kHere + offset), error_of_call(kHere + 4096 + offset),
      error_of_write(kHere + 0x10000 + offset), error_of_call(kHere + 0x10000 + 4096 + offset),
      error_of_write(kHere + 0x20000 + offset), error_of_call(kHere + 0x20000 + 4096 + offset));
  // The processor knows all of these translations now, and must forget them.
  must(runtime().space.unmap(VirtualAddress(kHere)), "unmapping");
  session.answer("unmapped", error_of_read(kHere + offset), error_of_read(kHere + 4096 + offset),
                 error_of_read(kHere + 0x10000 + offset));
  must(revoke(frame.address()), "revoking");
  session.answer("revoked", error_of_read(kHere + 0x10000 + offset),
                 error_of_call(kHere + 0x20000 + 4096 + offset));
  // Another frame is mapped in its place, and its contents are seen, not the old ones.
  const auto other = must(runtime().ram.make<Type::frame>(12), "a frame");
  must(map_at(kHere + 0x10000, other, 4096, kWrite), "mapping");
  session.answer("another", word_at(kHere + 0x10000 + offset));
}

// The users of frames are other dispatchers, in another address space; some of them lose theirs.
PROBE(revoked_from_another) {
  evidence::Sequence sequence(session.seed());
  Space space(session.seed());
  Lent lent[] = {Lent(space, sequence, 0), Lent(space, sequence, 1), Lent(space, sequence, 2)};
  const auto ask_all = [&] {
    for (Lent& one : lent) one.ask(sequence.next());
  };
  ask_all();
  // One of them loses it by a revocation of the frame, another one by one of the RAM that the frame is made from.
  const std::uint64_t first = sequence.next() % 3, second = (first + 1 + sequence.next() % 2) % 3;
  note(Event::ends, static_cast<unsigned>(first));
  must(revoke(lent[first].frame.address()), "revoking copies");
  ask_all();
  note(Event::ends, static_cast<unsigned>(second));
  must(revoke(lent[second].ram.address()), "revoking RAM");
  ask_all();
  for (std::uint64_t number = 0; number < std::size(lent); ++number) {
    Lent& one = lent[number];
    const auto& [state, vector, rip, address, unused] = must(one.user.status(), "its state");
    session.answer_numbered(number, "user", state, vector, VirtualAddress(address),
                            one.copies_left(), VirtualAddress(one.user.page().notes[2]));
  }
}

// Objects of random sizes from one piece of RAM, until nothing is left; then all of it again.
PROBE(retyping) {
  constexpr unsigned kPieceBits = 19;
  evidence::Sequence sequence(session.seed());
  const auto piece = must(runtime().ram.make<Type::ram>(kPieceBits), "a piece of RAM");
  const Identity whole = must(identify(piece.address()), "the piece");
  std::uint64_t number = 0;
  for (unsigned round = 0; round < 3; ++round) {
    std::array<Cap<Type::frame>, 24> frames;
    for (auto& frame : frames) {
      auto made = retype<Type::frame>(piece, static_cast<unsigned>(12 + sequence.next() % 6));
      if (!made) {
        session.answer_numbered(number++, "refused", round, name_of(made.error()));
        continue;
      }
      frame = std::move(made.value());
      const Identity identity = must(identify(frame.address()), "a frame");
      session.answer_numbered(number++, "frame", round, identity.base - whole.base, identity.bytes);
      must(map_at(kHere, frame, identity.bytes, kWrite), "mapping");
      std::uint64_t left = 0;
      for (std::uint64_t at = 0; at < identity.bytes; at += 8)
        left |= std::exchange(word_at(kHere + at), ~at);
      EXPECT_EQ(session, 0u, left);
      must(runtime().space.unmap(VirtualAddress(kHere)), "unmapping");
    }
    // By deleting each, or by one revocation.
    if (round == 1) must(revoke(piece.address()), "revoking");
  }
  const auto all = retype<Type::frame>(piece, kPieceBits);
  session.answer("all", all ? "back" : name_of(all.error()));
}
