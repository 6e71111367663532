// remote_memory.cc — takes the place of user/urpc/simulation/word.cc.

#include "remote_memory.hh"

#include "urpc/simulation/schedule.hh"

namespace subject {
namespace {

const sprat::urpc::Line* the_frame = nullptr;
Memory the_memory = Memory::remote;

const char* name_of(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed: return "relaxed";
    case std::memory_order_consume:
    case std::memory_order_acquire: return "acquire";
    case std::memory_order_release: return "release";
    case std::memory_order_acq_rel:
    case std::memory_order_seq_cst: break;
  }
  return "seq_cst";
}

std::string number_of(const sprat::urpc::Word& word) {
  const auto begin = reinterpret_cast<std::uintptr_t>(the_frame);
  return hex((reinterpret_cast<std::uintptr_t>(&word) - begin) / sizeof(word));
}

}  // namespace

std::function<void()> at_fence;

std::uint64_t tell(const std::string& line) {
  say(line);
  return Question(listen()).number();
}

void set_frame(const sprat::urpc::Line* first_line) { the_frame = first_line; }

MemoryIs::MemoryIs(Memory memory) { the_memory = memory; }
MemoryIs::~MemoryIs() { the_memory = Memory::remote; }

}  // namespace subject

namespace sprat::urpc {

std::uint64_t Word::load(std::memory_order order) const {
  switch (subject::the_memory) {
    case subject::Memory::local: return in_memory;
    case subject::Memory::simulated:
      return simulation::Schedule::running().load(*this, order != std::memory_order_relaxed);
    case subject::Memory::remote: break;
  }
  // Of the code's own: an end that has broken off reads it (ring.hh).
  if (this == &unwritten_line.control || this == &unwritten_line.words[0]) return 0;
  return subject::tell("load " + subject::number_of(*this) + " " + subject::name_of(order));
}

void Word::store(std::uint64_t value, std::memory_order order) {
  switch (subject::the_memory) {
    case subject::Memory::local: in_memory = value; return;
    case subject::Memory::simulated:
      return simulation::Schedule::running().store(*this, value,
                                                   order != std::memory_order_relaxed);
    case subject::Memory::remote: break;
  }
  subject::tell("store " + subject::number_of(*this) + " " + subject::name_of(order) + " " +
                subject::hex(value));
}

void fence() {
  switch (subject::the_memory) {
    case subject::Memory::local:
      // The function may assign another one to at_fence.
      if (const auto act = subject::at_fence; act) act();
      return;
    case subject::Memory::simulated: return simulation::Schedule::running().fence();
    case subject::Memory::remote: break;
  }
  subject::tell("fence");
}

}  // namespace sprat::urpc
