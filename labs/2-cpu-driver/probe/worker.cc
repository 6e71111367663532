// worker.cc — making dispatchers, and another address space for them.

#include "worker.hh"

#include <cstddef>

#include "sprat/elf.hh"

namespace sprat::probe {
namespace {

extern "C" {
void worker_rests();
extern char events_by_number[];

#define SPRAT_WORKER(N)                                                 \
  void worker_run_##N();                                                \
  void worker_page_fault_##N();                                         \
  void worker_trap_##N();                                               \
  void worker_lrpc_##N();                                               \
  void worker_resume_##N(WorkerPage& page, const Registers& registers); \
  extern const char worker_critical_##N[], worker_critical_end_##N[];
SPRAT_WORKER(0)
SPRAT_WORKER(1)
SPRAT_WORKER(2)
SPRAT_WORKER(3)
SPRAT_WORKER(4)
SPRAT_WORKER(5)
SPRAT_WORKER(6)
SPRAT_WORKER(7)
#undef SPRAT_WORKER
}

constexpr std::size_t kBytesOfAnEvent = 16;
static_assert(number_of(Event::upcalled_lrpc, 5) == EVENT_UPCALLED(5, 3));
static_assert(number_of(Event::goes_round, 2) == EVENT_GOES_ROUND(2));
static_assert(number_of(Event::is_done, 7) == EVENT_IS_DONE(7) && EVENT_IS_DONE(7) < EVENT_NUMBERS);

struct Code {
  std::array<void (*)(), kUpcalls> entries;
  void (*resume)(WorkerPage& page, const Registers& registers);
  const char *critical, *critical_end;
};
#define SPRAT_WORKER(N)                                                                           \
  {                                                                                               \
    {worker_run_##N, worker_page_fault_##N, worker_trap_##N, worker_lrpc_##N}, worker_resume_##N, \
        worker_critical_##N, worker_critical_end_##N                                              \
  }
constexpr std::array<Code, WORKERS> kCode{{SPRAT_WORKER(0), SPRAT_WORKER(1), SPRAT_WORKER(2),
                                           SPRAT_WORKER(3), SPRAT_WORKER(4), SPRAT_WORKER(5),
                                           SPRAT_WORKER(6), SPRAT_WORKER(7)}};
#undef SPRAT_WORKER

alignas(16) std::array<std::array<std::byte, 8192>, WORKERS> stacks{};
constinit std::size_t made = 0;
constinit const WorkerPage* volatile last_to_run = nullptr;
constinit volatile std::uint64_t changes = 0;

std::uint64_t address_of(const void* memory) { return reinterpret_cast<std::uint64_t>(memory); }
std::uint64_t address_of(void (*code)()) { return reinterpret_cast<std::uint64_t>(code); }

// The probe's own file, through a mapping of its own.
ElfImage own_image() {
  const std::uint64_t bytes = first_process().module[0].bytes;
  const CapRef<Type::frame> frame(CapAddress(kModuleNode, 1));
  const std::uint64_t whole = (bytes + kPageSize - 1) / kPageSize * kPageSize;
  must(runtime().space.map(kOwnMappings, frame, whole, Rights()), "mapping the probe's file");
  return must(parse_elf({reinterpret_cast<const std::byte*>(kOwnMappings.value()), bytes}),
              "the probe's file");
}

// The first capability of that type among the parts of the probe's address space, which the kernel made.
CapAddress first_of_type(Type type) {
  for (std::size_t slot = 1; slot < kSlotsPerCNode; ++slot) {
    const CapAddress address(kMemoryNode, slot);
    const auto identity = identify(address);
    if (identity && identity.value().description.type == type) return address;
  }
  give_up("finding a page table", Error::not_found);
}

// The table for the workers' pages in the probe's own address space. The kernel has made those above it.
CapAddress table_of_workers() {
  static constinit CapAddress table{};
  if (table != CapAddress()) return table;
  auto made_table = must(runtime().ram.make<Type::page_table_1>(), "a page table");
  must(invoke(first_of_type(Type::page_table_2), Method::map, WORKER_PAGES >> 21,
              made_table.address().raw(), kWrite.bits()),
       "entering a page table");
  return table = made_table.release();
}

}  // namespace

// A page with a secret, at kSecret in the probe's own address space.
Cap<Type::frame> page_with(std::uint64_t secret) {
  auto frame = must(runtime().ram.make<Type::frame>(12), "a page for a secret");
  must(runtime().space.map(kSecret, frame, kPageSize, kWrite), "mapping it");
  *reinterpret_cast<volatile std::uint64_t*>(kSecret.value()) = secret;
  return frame;
}

// The kernel has made a frame for each page of the program, in the order of addresses, in consecutive slots but for tables.
Space::Space(std::uint64_t seed)
    : root_(must(runtime().ram.make<Type::page_table_4>(), "another address space")),
      tables_(root_, runtime().slots, runtime().ram) {
  const ElfImage image = own_image();
  std::size_t slot = 1;
  for (const ElfSegment& segment : image.segments()) {
    for (VirtualAddress page = segment.address; page < segment.end(); page = page + kPageSize) {
      CapRef<Type::frame> frame;
      for (;; ++slot) {
        frame = CapRef<Type::frame>(CapAddress(kMemoryNode, slot));
        if (must(identify(frame.address()), "the program's pages").description.type == Type::frame)
          break;
      }
      ++slot;
      auto copy = must(mint(frame), "a copy of a page");
      must(tables_.map(page, copy, kPageSize, segment.rights & (kWrite | kExecute)), "a page");
      copy.release();
    }
  }
  their_secret_ = page_with(secret_of_space(seed));
  must(runtime().space.unmap(kSecret), "unmapping a secret");
  must(tables_.map(kSecret, their_secret_, kPageSize, Rights()), "mapping it there");
  own_secret_ = page_with(secret_of_probe(seed));
}

Worker::Worker(WorkerPage::Handler begin, const WorkerSetup& setup)
    : page_(reinterpret_cast<WorkerPage*>(WORKER_PAGES + made * kPageSize)),
      frame_(must(runtime().ram.make<Type::frame>(12), "a worker's page")),
      dispatcher_(must(runtime().ram.make<Type::dispatcher>(), "a worker")) {
  const VirtualAddress address(address_of(page_));
  must(invoke(table_of_workers(), Method::map, made, frame_.address().raw(), kWrite.bits()),
       "mapping a worker's page");
  if (setup.space != nullptr) {
    frame_in_space_ = must(mint(frame_), "a copy of a worker's page");
    must(setup.space->tables().map(address, frame_in_space_, kPageSize, kWrite),
         "mapping it there");
  }
  const CapAddress root =
      setup.space != nullptr ? setup.space->root() : task_slot(TaskSlot::address_space);
  must(invoke(dispatcher(), Method::configure, setup.cspace.raw(), root.raw(),
              frame_.address().raw(), address.value(), setup.report.raw()),
       "configuring a worker");

  page_->frame.critical_begin = address_of(kCode[made].critical);
  page_->frame.critical_end = address_of(kCode[made].critical_end);
  page_->frame.upcall_stack = address_of(stacks[made].data() + stacks[made].size());
  for (std::size_t upcall = 0; upcall < kUpcalls; ++upcall)
    page_->frame.entries[upcall] = address_of(kCode[made].entries[upcall]);
  page_->resume = kCode[made].resume;
  handler_of(*page_, Upcall::run) = begin;
  ++made;
}

DispatcherState Worker::state() const {
  return static_cast<DispatcherState>(must(status(), "a worker's state")[0]);
}

void note(Event what, unsigned worker) {
  reinterpret_cast<void (*)()>(events_by_number + kBytesOfAnEvent * number_of(what, worker))();
}

void note_turn(const WorkerPage& page) {
  if (last_to_run == &page) return;
  last_to_run = &page;
  changes = changes + 1;
  note(Event::has_turn, page);
}

std::uint64_t turns_so_far() { return changes; }

void go_on(WorkerPage& page, const Registers& registers) {
  page.resume(page, registers);
  __builtin_unreachable();
}

void sleep_for_ever() {
  for (;;) yield(Yield::wait);
}

void sleep_enabled(WorkerPage& page) {
  page.frame.was_interrupted = 0;
  Registers registers{};
  registers.rip = address_of(worker_rests);
  registers.rsp = page.frame.upcall_stack;
  go_on(page, registers);
}

Registers random_registers(evidence::Sequence& sequence) {
  Registers r{};
  for (std::uint64_t* const word : {&r.rax, &r.rbx, &r.rcx, &r.rdx, &r.rsi, &r.rdi, &r.rbp, &r.r8,
                                    &r.r9, &r.r10, &r.r11, &r.r12, &r.r13, &r.r14, &r.r15})
    *word = sequence.next();
  r.rflags = sequence.next() & kRandomFlags;
  return r;
}

void answer_registers(evidence::Session& session, std::string_view name, const Registers& r) {
  const VirtualAddress values[] = {
      VirtualAddress(r.rax), VirtualAddress(r.rbx), VirtualAddress(r.rcx), VirtualAddress(r.rdx),
      VirtualAddress(r.rsi), VirtualAddress(r.rdi), VirtualAddress(r.rbp), VirtualAddress(r.r8),
      VirtualAddress(r.r9),  VirtualAddress(r.r10), VirtualAddress(r.r11), VirtualAddress(r.r12),
      VirtualAddress(r.r13), VirtualAddress(r.r14), VirtualAddress(r.r15)};
  const auto& v = values;
  session.answer(name, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11],
                 v[12], v[13], v[14], VirtualAddress(r.rflags & kRandomFlags));
}

}  // namespace sprat::probe
