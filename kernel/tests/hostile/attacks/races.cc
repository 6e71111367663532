// races.cc — a dispatcher whose frame another core rewrites (../flipper.cc) while it is called, upcalled, resumed and replied to.
//
// The attacker calls the second dispatcher, which answers; lets it run; and answers its calls. Whatever the frame says, the
// second one may only ever be stopped: and if a trap stopped it, that trap was at an address of user code. The judge says in the
// place of a seed how many rounds there are.

#include "../shared_page.hh"
#include "methods.hh"

namespace sprat::hostile {

extern "C" void racer_runs();  // child.S
extern "C" void racer_serves();
extern "C" void racer_resumes();

namespace {

constexpr std::uint64_t kOwnEndpoint = 46;  // child.S names it as well
volatile SharedPage& page() { return *reinterpret_cast<volatile SharedPage*>(kLastPage); }

constinit std::uint64_t rounds = 0;

std::uint64_t address(void (*code)()) { return reinterpret_cast<std::uint64_t>(code); }

void set_word(std::size_t offset, std::uint64_t value) {
  page().good[offset / 8] = value;
  page().frame[offset / 8] = value;
}

void fill_frame() {
  for (std::size_t word = 0; word < kFrameWords; ++word) page().good[word] = 0;
  for (std::size_t which = 0; which < kUpcalls; ++which)
    set_word(offsetof(DispatcherFrame, entries) + 8 * which, address(racer_runs));
  set_word(offsetof(DispatcherFrame, entries) + 8 * static_cast<std::size_t>(Upcall::lrpc),
           address(racer_serves));
  set_word(offsetof(DispatcherFrame, upcall_stack), kFirstProcessStackTop.value() - 8192);
  set_word(offsetof(DispatcherFrame, disabled) + offsetof(Registers, rip), address(racer_resumes));
}

// A second dispatcher in the place of the one that was stopped. May be begun anew at any point.
void renew_second() {
  static_cast<void>(invoke(kFreeNode, Method::remove, kSecondsEndpoint));
  static_cast<void>(invoke(kFreeNode, Method::remove, kSecond));
  static_cast<void>(make(kSecond, Type::dispatcher));
  static_cast<void>(invoke(kFreeNode, Method::retype, kSecondsEndpoint, own(kSecond).raw(),
                           Type::endpoint, 0, 1));
  fill_frame();
  static_cast<void>(invoke(own(kSecond), Method::configure, own(TaskSlot::root).raw(),
                           own(TaskSlot::address_space).raw(), own(kShared).raw(), kLastPage, 0));
  static_cast<void>(invoke(own(kSecond), Method::run));
}

}  // namespace

void race_once() {
  const auto words = invoke(own(kSecond), Method::status);
  const auto state =
      words ? static_cast<DispatcherState>(words.value()[0]) : DispatcherState::unconfigured;
  if (state == DispatcherState::stopped && words.value()[1] != kNoTrap)
    EXPECT_EQ(true, words.value()[2] < kUserEnd.value());
  if (state == DispatcherState::stopped || state == DispatcherState::unconfigured) renew_second();
  static_cast<void>(system_call(SystemCall::lrpc, own(kSecondsEndpoint).raw()));
  ++rounds;
  yield(Yield::stay);
}

void prepare_race() {
  map_last_page();
  EXPECT_EQ(kStatusOk, status(invoke(own(42), Method::unmap, 511)));
  EXPECT_EQ(kStatusOk, status(map(own(42), 511, own(kShared), kWrite)));
  EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::retype, kOwnEndpoint,
                                     own(TaskSlot::dispatcher).raw(), Type::endpoint, 0, 1)));
}

namespace {

void race_for_frame() {
  prepare_race();
  while (rounds < report().seed)
    static_cast<void>(trap_of([] {
      while (rounds < report().seed) race_once();
    }));
}

constexpr Attack kAttacks[] = {
    {"lives from a frame that another core rewrites", race_for_frame, kGoesOn},
};

}  // namespace

std::span<const Attack> attacks_by_races() { return kAttacks; }

}  // namespace sprat::hostile
