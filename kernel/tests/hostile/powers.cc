// powers.cc — see powers.hh. Each trial is a sentence about a property that holds; it needs only the judge's own
// capabilities.

#include "powers.hh"

#include "lib/console.hh"
#include "lib/runtime.hh"
#include "monitor/doorbells.hh"
#include "tests/programs/expectations.hh"

namespace sprat::hostile {
namespace {

constexpr CapAddress kKernel = task_slot(TaskSlot::kernel);

Result<Words> signal(const Cap<Type::irq>& doorbell) {
  return invoke(doorbell.address(), Method::signal, 0);
}

// ---- trials

// Two doorbells of one line were given to two holders, which made copies.
void doorbells_are_revoked_one_by_one(const PowersAtHand& at_hand) {
  const std::uint32_t apic_id = at_hand.apic_id;
  constexpr std::uint64_t kLine = kFirstDoorbell + 9;  // no notification is bound to it
  auto first = monitor::doorbell_of(apic_id, kLine), second = monitor::doorbell_of(apic_id, kLine);
  EXPECT_OK(first);
  EXPECT_OK(second);
  const auto of_first = mint(first.value()), of_second = mint(second.value());
  EXPECT_OK(signal(of_first.value()));
  EXPECT_OK(signal(of_second.value()));
  EXPECT_OK(revoke(second.value().address()));
  EXPECT_OK(signal(of_first.value()));
  EXPECT_ERROR(no_capability, signal(of_second.value()));
  EXPECT_OK(revoke(first.value().address()));
  EXPECT_ERROR(no_capability, signal(of_first.value()));
  EXPECT_OK(signal(first.value()));
}

void doorbells_that_are_none_are_refused(const PowersAtHand& at_hand) {
  const std::uint32_t apic_id = at_hand.apic_id;
  EXPECT_ERROR(invalid_argument, monitor::doorbells_of(apic_id, kFirstDoorbell + kDoorbells, 0));
  EXPECT_ERROR(invalid_argument, monitor::doorbells_of(apic_id, kFirstDoorbell, kDoorbells + 1));
  EXPECT_ERROR(invalid_argument,
               monitor::doorbells_of(apic_id, kFirstDoorbell + 1, ~std::uint64_t{0}));
  EXPECT_ERROR(invalid_argument, monitor::doorbells_of(0xff, kFirstDoorbell, 1));
}

// Each power alone allows its own methods, and no others.
void powers_of_the_kernel_capability_are_separate(const PowersAtHand& at_hand) {
  const CapRef<Type::kernel> all(kKernel);
  const auto only = [&](Rights power) { return mint(all, {power, 0, 0}); };
  const auto share = only(kMayShare), run = only(kMayRunMachine), print = only(kMayPrint);
  const CapAddress root = task_slot(TaskSlot::root);
  const auto ask = [&](const Result<Cap<Type::kernel>>& kernel, Method method) {
    return invoke(kernel.value().address(), method, root.raw(), 0, at_hand.apic_id, 0, 0);
  };
  for (const Method method :
       {Method::set_remote, Method::doorbells, Method::adopt, Method::adopt_anchor, Method::enter,
        Method::sweep, Method::drop, Method::lonely}) {
    EXPECT_ERROR(invalid_argument, ask(share, method));  // slot 0, or no such line
    EXPECT_ERROR(no_rights, ask(run, method));
    EXPECT_ERROR(no_rights, ask(print, method));
  }
  for (const Method method : {Method::fetch, Method::put}) {
    EXPECT_ERROR(no_capability, ask(share, method));  // no dispatcher
    EXPECT_ERROR(no_rights, ask(run, method));
    EXPECT_ERROR(no_rights, ask(print, method));
  }
  for (const Method method : {Method::load_core, Method::start_core, Method::core_state,
                              Method::stop_core, Method::reclaim, Method::alarm}) {
    EXPECT_EQ(true, status(ask(run, method)) != status_of(Error::no_rights));
    EXPECT_ERROR(no_rights, ask(share, method));
    EXPECT_ERROR(no_rights, ask(print, method));
  }
  const auto leave = [&](const Result<Cap<Type::kernel>>& kernel) {
    return invoke(kernel.value().address(), Method::leave, root.raw());
  };
  EXPECT_ERROR(wrong_type, leave(share));
  EXPECT_ERROR(no_rights, leave(run));
  EXPECT_ERROR(no_rights, ask(share, Method::power_off));
  EXPECT_ERROR(no_rights, ask(print, Method::power_off));
}

// No core stops itself, and the RAM of a core that runs stays its own.
void only_stopped_cores_give_their_ram_back(const PowersAtHand& at_hand) {
  EXPECT_ERROR(in_use, invoke(kKernel, Method::stop_core, at_hand.apic_id));
  EXPECT_ERROR(not_found, invoke(kKernel, Method::stop_core, 77));
  const auto reclaim = [](std::uint32_t apic_id) {
    return fill_slot<Type::ram>([&](CapAddress slot) -> Result<void> {
      const Place place = place_of(slot);
      const auto taken = invoke(kKernel, Method::reclaim, place.cnode.raw(), place.slot, apic_id);
      return taken ? Result<void>() : taken.error();
    });
  };
  EXPECT_ERROR(not_found, reclaim(at_hand.apic_id));
  EXPECT_ERROR(not_found, reclaim(77));
  constexpr std::uint32_t kCores = 8;
  for (std::uint32_t apic_id = 0; apic_id < kCores; ++apic_id) {
    const auto state = invoke(kKernel, Method::core_state, apic_id);
    const bool runs = state && static_cast<CoreState>(state.value()[0]) == CoreState::running;
    if (runs) EXPECT_ERROR(in_use, reclaim(apic_id));
  }
  EXPECT_ERROR(invalid_argument, invoke(kKernel, Method::alarm, 1'000, kDoorbells));
}

// Registers of devices, holes, and the RAM of a CPU driver are never shared.
void only_ram_is_adopted(const PowersAtHand& at_hand) {
  constexpr std::uint64_t kNoRam[] = {0xfee0'0000, 0xfec0'0000, 0xb'8000, 0x40'0000'0000,
                                      0xfff0'0000};
  for (const std::uint64_t begin : kNoRam)
    EXPECT_ERROR(invalid_argument, monitor::adopt_frame(begin, kPageSize));
  EXPECT_ERROR(in_use, monitor::adopt_frame(at_hand.others_base, kPageSize));
  EXPECT_ERROR(in_use, monitor::adopt_frame(at_hand.others_base + (64 << 10), kPageSize));
  EXPECT_ERROR(in_use, monitor::adopt_frame(0x20'0000, kPageSize));  // this core's own
}

void memory_is_adopted_once(const PowersAtHand& at_hand) {
  EXPECT_ERROR(in_use, monitor::adopt_frame(at_hand.foreign, kPageSize));
  EXPECT_ERROR(in_use, monitor::adopt_frame(at_hand.foreign - kPageSize, 2 * kPageSize));
  const std::uint64_t other = at_hand.foreign + 16 * kPageSize;
  for (unsigned times = 0; times < 3; ++times) {
    auto adopted = monitor::adopt_frame(other, kPageSize);
    EXPECT_OK(adopted);
    auto copy = mint(adopted.value());
    EXPECT_OK(copy);
    adopted.value() = Cap<Type::frame>();
    EXPECT_ERROR(in_use, monitor::adopt_frame(other, kPageSize));  // the copy is still there
  }
}

// ---- remote objects: other cores may hold copies

Result<void> set_remote(CapAddress capability, bool is_remote) {
  const Place place = place_of(capability);
  const auto set =
      invoke(kKernel, Method::set_remote, place.cnode.raw(), place.slot, is_remote ? 1 : 0);
  return set ? Result<void>() : set.error();
}

bool is_remote(CapAddress capability) {
  const auto identity = identify(capability);
  return identity && identity.value().description.is_remote;
}

// A piece of RAM, a frame in it, and many copies of that in a CNode of its own.
struct Shared {
  static constexpr unsigned kRamBits = 17;
  static constexpr std::size_t kNode = 252, kCopies = 200;

  Shared()
      : ram(std::move(runtime().ram.make<Type::ram>(kRamBits).value())),
        before(std::move(retype<Type::frame>(ram, 12).value())),
        frame(std::move(retype<Type::frame>(ram, 12).value())) {
    EXPECT_OK(retype_into(task_slot(TaskSlot::root), kNode, ram.address(), Type::cnode, 0));
    for (std::size_t i = 1; i <= kCopies; ++i)
      EXPECT_OK(mint_into(CapAddress::in_root(kNode), i, frame.address(), {}));
  }

  CapAddress copy(std::size_t i) const { return CapAddress(kNode, i); }

  Cap<Type::ram> ram;
  Cap<Type::frame> before, frame;
};

// All capabilities to a frame carry the same mark, before and behind the changed one in the order; only monitors allow
// copies.
void being_remote_is_the_objects(const PowersAtHand&) {
  Shared shared;
  EXPECT_OK(set_remote(shared.copy(100), true));
  for (std::size_t i = 1; i <= Shared::kCopies; ++i) EXPECT_EQ(true, is_remote(shared.copy(i)));
  EXPECT_EQ(true, is_remote(shared.frame.address()));
  EXPECT_EQ(false, is_remote(shared.before.address()));
  EXPECT_ERROR(ask_monitor, mint(shared.frame));
  EXPECT_ERROR(ask_monitor, mint_into(CapAddress::in_root(Shared::kNode), 255, shared.copy(7), {}));
  EXPECT_ERROR(ask_monitor, revoke(shared.frame.address()));
  EXPECT_OK(set_remote(shared.copy(3), false));
  for (std::size_t i = 1; i <= Shared::kCopies; ++i) EXPECT_EQ(false, is_remote(shared.copy(i)));
  EXPECT_OK(mint(shared.frame));
  EXPECT_OK(revoke(shared.ram.address()));
}

// Revoking a capability with remote descendants takes nothing away.
void revoke_asks_before_it_takes(const PowersAtHand&) {
  Shared shared;
  EXPECT_OK(set_remote(shared.frame.address(), true));
  EXPECT_ERROR(ask_monitor, revoke(shared.ram.address()));
  EXPECT_EQ(true, identify(shared.before.address()).ok());
  EXPECT_EQ(true, identify(shared.copy(Shared::kCopies)).ok());
  EXPECT_OK(set_remote(shared.frame.address(), false));
  EXPECT_OK(revoke(shared.ram.address()));
  EXPECT_EQ(false, identify(shared.before.address()).ok());
}

// All capabilities go, the last one with the CNode that holds it: the memory stays taken.
void remote_memory_is_never_lost(const PowersAtHand&) {
  Shared shared;
  const std::uint64_t base = identify(shared.frame.address()).value().base;
  EXPECT_OK(set_remote(shared.frame.address(), true));
  shared.frame = Cap<Type::frame>();
  EXPECT_OK(remove(CapAddress::in_root(Shared::kNode)));
  EXPECT_ERROR(ask_monitor, revoke(shared.ram.address()));
  const auto next = retype<Type::frame>(shared.ram, 12);
  EXPECT_OK(next);
  EXPECT_EQ(true, identify(next.value().address()).value().base > base);
  static_cast<void>(shared.ram.release());  // taken for good: it stays remote
}

// ---- frames that travel: this process is the monitor and, by its own dispatcher, also the process

Result<Cap<Type::frame>> adopt_anchor(std::uint64_t begin) {
  return fill_slot<Type::frame>([&](CapAddress slot) -> Result<void> {
    const Place place = place_of(slot);
    const auto adopted =
        invoke(kKernel, Method::adopt_anchor, place.cnode.raw(), place.slot, begin, kPageSize);
    return adopted ? Result<void>() : adopted.error();
  });
}

Result<void> on_slot(Method method, CapAddress capability) {
  const Place place = place_of(capability);
  const auto done = invoke(kKernel, method, place.cnode.raw(), place.slot);
  return done ? Result<void>() : done.error();
}

// Method::fetch or put: between a slot of the monitor and one of the process.
Result<void> share(Method method, CapAddress here, CapAddress there, Rights keep = kAllRights) {
  const Place place = place_of(here);
  const auto shared = invoke(kKernel, method, place.cnode.raw(), place.slot,
                             task_slot(TaskSlot::dispatcher).raw(), there.raw(), keep.bits());
  return shared ? Result<void>() : shared.error();
}

Result<std::uint64_t> next_lonely() {
  const auto words = invoke(kKernel, Method::lonely, kDoorbells - 1);
  return words ? Result(words.value()[0]) : words.error();
}

// A process cannot copy it; the monitor can, with fewer rights, and takes back all copies.
void adopted_frames_are_copied_by_the_monitor(const PowersAtHand& at_hand) {
  const std::uint64_t base = at_hand.foreign + 16 * kPageSize;
  auto anchor = adopt_anchor(base);
  EXPECT_OK(anchor);
  const CapAddress first = take_slot().value(), second = take_slot().value();
  EXPECT_OK(share(Method::put, anchor.value().address(), first, kRead | kGrant));
  EXPECT_ERROR(ask_monitor, mint(CapRef<Type::frame>(first)));
  EXPECT_ERROR(ask_monitor, mint(anchor.value()));
  EXPECT_ERROR(slot_in_use, share(Method::put, anchor.value().address(), first));
  EXPECT_ERROR(no_capability, share(Method::put, second, take_slot().value()));
  EXPECT_OK(share(Method::fetch, second, first));
  EXPECT_EQ((kRead | kGrant).bits(), identify(second).value().description.rights.bits());
  EXPECT_ERROR(in_use, on_slot(Method::drop, anchor.value().address()));
  EXPECT_ERROR(invalid_argument, on_slot(Method::drop, first));
  EXPECT_ERROR(invalid_argument, on_slot(Method::sweep, second));
  EXPECT_ERROR(in_use, monitor::adopt_frame(base, kPageSize));
  EXPECT_OK(on_slot(Method::sweep, anchor.value().address()));
  EXPECT_ERROR(no_capability, identify(first));
  EXPECT_ERROR(no_capability, identify(second));
  EXPECT_OK(on_slot(Method::drop, anchor.value().address()));
  EXPECT_OK(monitor::adopt_frame(base, kPageSize));
  while (next_lonely()) {
  }
}

// The monitor is told once, when the last copy goes, however it goes.
void lonely_anchors_are_told_of_once(const PowersAtHand& at_hand) {
  const std::uint64_t base = at_hand.foreign + 16 * kPageSize;
  auto anchor = adopt_anchor(base);
  EXPECT_OK(anchor);
  const CapAddress first = take_slot().value(), second = take_slot().value();
  EXPECT_OK(share(Method::put, anchor.value().address(), first));
  EXPECT_OK(share(Method::put, anchor.value().address(), second));
  EXPECT_OK(remove(first));
  EXPECT_ERROR(not_found, next_lonely());
  EXPECT_OK(remove(second));
  EXPECT_EQ(base, next_lonely().value());
  EXPECT_ERROR(not_found, next_lonely());
  EXPECT_OK(retype_into(task_slot(TaskSlot::root), Shared::kNode,
                        runtime().ram.make<Type::ram>(14).value().release(), Type::cnode, 0));
  EXPECT_OK(share(Method::put, anchor.value().address(), CapAddress(Shared::kNode, 3)));
  EXPECT_OK(remove(CapAddress::in_root(Shared::kNode)));
  EXPECT_EQ(base, next_lonely().value());
  EXPECT_OK(on_slot(Method::drop, anchor.value().address()));
}

// Tables and other objects stay where they are, and RAM of which something is made; unused RAM moves.
void only_frames_are_shared(const PowersAtHand&) {
  const CapAddress slot = take_slot().value();
  for (const CapAddress source :
       {kKernel, task_slot(TaskSlot::root), task_slot(TaskSlot::address_space)}) {
    EXPECT_ERROR(wrong_type, share(Method::put, source, slot));
    EXPECT_ERROR(wrong_type, share(Method::fetch, slot, source));
  }
  auto ram = runtime().ram.make<Type::ram>(13);
  const CapAddress there = ram.value().address();
  {
    const auto frame = retype<Type::frame>(ram.value(), 12);
    EXPECT_ERROR(in_use, share(Method::fetch, slot, there));
  }
  EXPECT_OK(share(Method::fetch, slot, there));
  EXPECT_ERROR(no_capability, identify(there));
  EXPECT_ERROR(slot_in_use, share(Method::put, slot, kKernel));
  EXPECT_OK(share(Method::put, slot, there));
  EXPECT_ERROR(no_capability, share(Method::fetch, slot, CapAddress(~std::uint64_t{0})));
  EXPECT_ERROR(no_capability, share(Method::fetch, slot, CapAddress()));
  EXPECT_ERROR(no_capability, identify(slot));
  give_back_slot(slot);
}

// ---- RAM that travels: this process is the monitor of the lender and of the borrower

constexpr unsigned kPieceBits = 21;

Result<void> leave(const Cap<Type::ram>& ram) {
  const auto left = invoke(kKernel, Method::leave, ram.address().raw());
  return left ? Result<void>() : left.error();
}

Result<void> enter(CapAddress slot, std::uint64_t base) {
  const Place place = place_of(slot);
  const auto entered = invoke(kKernel, Method::enter, place.cnode.raw(), place.slot, base, 1);
  return entered ? Result<void>() : entered.error();
}

std::uint64_t base_of(const Cap<Type::ram>& ram) { return identify(ram.address()).value().base; }

// While it is away, nothing is made of it and nothing else has its place; then it is as new.
void ram_leaves_and_comes_back(const PowersAtHand&) {
  auto above = runtime().ram.make<Type::ram>(kPieceBits + 1);
  auto ram = retype<Type::ram>(above.value(), kPieceBits);
  EXPECT_OK(ram);
  const std::uint64_t base = base_of(ram.value());
  const auto write = [&](std::uint64_t expected) {
    const VirtualAddress page = kOwnMappings + 0x7000'0000;
    auto frame = retype<Type::frame>(ram.value(), 12);
    EXPECT_ERROR(in_use, leave(ram.value()));
    EXPECT_OK(runtime().space.map(page, frame.value(), kPageSize, kWrite));
    auto& word = *reinterpret_cast<volatile std::uint64_t*>(page.value());
    EXPECT_EQ(expected, word);
    word = 1;
    EXPECT_OK(runtime().space.unmap(page));
  };
  write(0);
  EXPECT_OK(leave(ram.value()));
  EXPECT_ERROR(no_capability, identify(ram.value().address()));
  EXPECT_ERROR(no_capability, leave(ram.value()));
  EXPECT_ERROR(ask_monitor, revoke(above.value().address()));
  EXPECT_EQ(base + (1 << kPieceBits), base_of(retype<Type::ram>(above.value(), 12).value()));
  {
    const auto adopted = monitor::adopt_frame(base + kPageSize, kPageSize);
    EXPECT_OK(adopted);
    EXPECT_ERROR(in_use, enter(ram.value().address(), base));
  }
  EXPECT_ERROR(slot_in_use, enter(kKernel, base));
  EXPECT_OK(enter(ram.value().address(), base));
  EXPECT_ERROR(in_use, enter(take_slot().value(), base));
  EXPECT_ERROR(in_use, monitor::adopt_frame(base + kPageSize, kPageSize));
  EXPECT_EQ(0, identify(ram.value().address()).value().badge);  // its owner: this core
  write(0);
  EXPECT_OK(revoke(above.value().address()));
}

// Whole pieces of RAM that is this core's, and all there are at most.
void only_pieces_leave(const PowersAtHand&) {
  for (const unsigned bits : {kPieceBits - 1, kPieceBits + 1}) {
    const auto ram = runtime().ram.make<Type::ram>(bits);
    EXPECT_EQ(true, !leave(ram.value()));
    EXPECT_OK(identify(ram.value().address()));
  }
}

// Registers, holes, other cores' CPU drivers and RAM that is theirs do not come in, nor RAM that is here.
void only_ram_that_left_enters(const PowersAtHand& at_hand) {
  const CapAddress slot = take_slot().value();
  constexpr std::uint64_t kNoRam[] = {0xfee0'0000, 0xfec0'0000, 0, 0x40'0000'0000};
  for (const std::uint64_t begin : kNoRam) EXPECT_ERROR(invalid_argument, enter(slot, begin));
  EXPECT_ERROR(misaligned, enter(slot, at_hand.others_base + kPageSize));
  EXPECT_ERROR(in_use, enter(slot, at_hand.others_base));
  EXPECT_ERROR(in_use, enter(slot, at_hand.others_base + (1 << kPieceBits)));
  const auto ram = runtime().ram.make<Type::ram>(kPieceBits);
  EXPECT_ERROR(in_use, enter(slot, base_of(ram.value())));
  EXPECT_ERROR(no_capability, identify(slot));
  give_back_slot(slot);
}

struct Trial {
  const char* name;
  void (*run)(const PowersAtHand& at_hand);
};
constexpr Trial kTrials[] = {
    {"doorbells are revoked one by one", doorbells_are_revoked_one_by_one},
    {"doorbells that are none are refused", doorbells_that_are_none_are_refused},
    {"powers of the Kernel capability are separate", powers_of_the_kernel_capability_are_separate},
    {"only stopped cores give their RAM back", only_stopped_cores_give_their_ram_back},
    {"only RAM is adopted", only_ram_is_adopted},
    {"memory is adopted once", memory_is_adopted_once},
    {"being remote is the object's", being_remote_is_the_objects},
    {"revoke asks before it takes", revoke_asks_before_it_takes},
    {"remote memory is never lost", remote_memory_is_never_lost},
    {"adopted frames are copied by the monitor", adopted_frames_are_copied_by_the_monitor},
    {"lonely anchors are told of once", lonely_anchors_are_told_of_once},
    {"only frames are shared", only_frames_are_shared},
    {"RAM leaves and comes back", ram_leaves_and_comes_back},
    {"only pieces of RAM leave", only_pieces_leave},
    {"only RAM that left enters", only_ram_that_left_enters},
};

}  // namespace

bool try_powers(const PowersAtHand& at_hand) {
  bool is_well = true;
  for (const Trial& trial : kTrials) {
    failure = {};
    trial.run(at_hand);
    if (failure.line == 0) {
      print("powers: {}: fended off\n", trial.name);
      continue;
    }
    is_well = false;
    print("powers: {}: FAILED (line {}: expected {x}, came {x})\n", trial.name, failure.line,
          failure.expected, failure.came);
  }
  return is_well;
}

}  // namespace sprat::hostile
