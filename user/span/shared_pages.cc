// shared_pages.cc — pages by co_await, and their limits.

#include "span/shared_pages.hh"

#include "lib/upcalls.hh"
#include "span/page_records.hh"

namespace sprat {
namespace {

namespace messages = span_messages;

// One page is on its way at a time, so that the monitor's tickets are there for other frames of this process; it ends also if its task is
// destroyed.
constinit bool is_fetching = false;
class Fetching {
 public:
  Fetching() { is_fetching = true; }
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;
  ~Fetching() { is_fetching = false; }
};

// One attempt.  busy: again later
Task<> fetch(std::size_t number, Page& page) {
  if (is_fetching) co_return Error::busy;
  const Fetching fetching;
  const auto from = home();
  if (!from) co_return from.error();
  Neighbour& neighbour = *from.value();
  const std::uint32_t limits = page.use.limits();
  ExpectedFrame expected;
  const auto ticket = expected.expect(neighbour.connection());
  if (!ticket) co_return ticket.error();
  const auto given = co_await neighbour.want({ticket.value(), static_cast<std::uint16_t>(number)});
  if (!given) co_return given.error() == Error::again ? Error::busy : given.error();
  const auto received = co_await expected.receive(given.value().frame);
  if (!received) co_return received;
  if (page.use.is_mapped()) co_return {};  // for another task
  co_return map_new(page, expected.take(), given.value().mapping, limits);
}

}  // namespace

constinit Pages* shared_pages = nullptr;

[[gnu::noinline]] Result<void> make_page_records() {
  shared_pages = new (std::nothrow_t{}) Pages();
  if (shared_pages == nullptr) return Error::out_of_memory;
  set_page_fault_handler(bring_touched);
  return {};
}

std::uint64_t limits_received() {
  std::uint64_t sum = 0;
  if (shared_pages != nullptr)
    for (const Page& page : shared_pages->pages) sum += page.use.limits();
  return sum;
}

std::span<std::byte> touchable_page(std::size_t number) {
  const auto page = page_of(number);
  if (!page) return {};
  return {reinterpret_cast<std::byte*>(address_of(number).value()), kPageSize};
}

Task<std::span<std::byte>> shared_page(std::size_t number) {
  const auto found = page_of(number);
  if (!found) co_return found.error();
  Page& page = *found.value();
  if (is_home() && !page.frame)
    if (const auto made = make(page); !made) co_return made.error();
  if (!page.use.is_mapped() && (is_home() || page.use.may() != Mapping::none))
    if (const auto mapped = map(page); !mapped) co_return mapped.error();
  while (!page.use.is_mapped()) {
    const auto fetched = co_await fetch(number, page);
    if (!fetched && fetched.error() != Error::busy) co_return fetched.error();
    if (!fetched) co_await runtime().loop.turn();
  }
  co_return touchable_page(number);
}

namespace {

SPRAT_INLINE Result<Cores> begin_limit(std::size_t number, Mapping mapping) {
  TRY(page_of(number));
  if (!shared_pages->are_of_home) return Error::invalid_argument;
  return shared_pages->home.begin_limit(number, mapping);
}

SPRAT_INLINE void tell(Cores told, messages::Limit limit, Neighbour::Limits& limits) {
  for (Cores cores = told; cores != 0; cores &= cores - 1)
    shared_pages->neighbours[first_of(cores)]->limit(limits, limit);
}

[[gnu::noinline]] void say_again(Cores waiting) {
  Cores& untold = shared_pages->untold;
  untold |= waiting;
  for (Cores cores = untold; cores != 0; cores &= cores - 1)
    if (shared_pages->neighbours[first_of(cores)]->say_again()) untold &= ~only(first_of(cores));
}

// A limit of a page, which has begun; it ends also if its task is destroyed.
class Limiting {
 public:
  explicit Limiting(std::size_t number) : number_(number) {}
  Limiting(const Limiting&) = delete;
  Limiting& operator=(const Limiting&) = delete;
  ~Limiting() {
    const Cores waiting = shared_pages->home.end_limit(number_);
    if (waiting != 0) [[unlikely]]
      say_again(waiting);
  }

 private:
  std::size_t number_;
};

// Notes the ones among the cores that were told that have done it. The ones that have ended are forgotten by themselves.
[[gnu::noinline]] Result<void> note_answers(std::size_t number, Cores told,
                                            Neighbour::Limits& limits) {
  Result<void> outcome;
  Cores limited = 0;
  std::size_t call = 0;
  for (Cores cores = told; cores != 0; cores &= cores - 1) {
    const auto result = limits.result(call++);
    if (result) limited |= only(first_of(cores));
    if (!result && result.error() != Error::peer_gone) outcome = result.error();
  }
  shared_pages->home.limited(number, limited);
  return outcome;
}

}  // namespace

Task<> limit_page(std::size_t number, Mapping mapping) {
  const auto told = begin_limit(number, mapping);
  if (!told) co_return told.error();
  const Limiting limiting(number);
  Neighbour::Limits limits;
  tell(told.value(), {static_cast<std::uint16_t>(number), mapping}, limits);
  auto outcome = let_map(number, mapping);  // while they work
  if (told.value() == 0) co_return outcome;
  co_await limits;
  if (!limits.have_failure()) {
    shared_pages->home.limited(number, told.value());
  } else if (const auto noted = note_answers(number, told.value(), limits); !noted) {
    outcome = noted;
  }
  co_return outcome;
}

// ---- from other dispatchers

// again: too much is on its way; the other side asks later, by itself
Result<messages::Given> Neighbour::OnWant::operator()(const messages::Want& want) const {
  Page& page = *TRY(page_of(want.page));
  if (!is_home() || !page.frame) return Error::not_found;
  const std::uint64_t core = neighbour.connection_.peer().core;
  shared_pages->neighbours[core] = &neighbour;
  messages::Given given{};
  const auto send = [&](Mapping mapping) -> Result<void> {
    const Rights keep = mapping == Mapping::writable ? kRead | kWrite | kGrant : kRead | kGrant;
    const auto sent = send_frame(neighbour.connection_, page.frame, want.ticket, keep);
    if (!sent) return sent.error() == Error::busy ? Error::again : sent.error();
    given = {sent.value(), mapping};
    return {};
  };
  TRY(shared_pages->home.want(core, want.page, send));
  return given;
}

Result<Nothing> Neighbour::OnLimit::operator()(const messages::Limit& limit) const {
  if (limit.page >= kMostSharedPages) return Error::invalid_argument;
  if (!shared_pages->pages[limit.page].use.limit(limit.mapping)) return Nothing();
  const auto unmapped = runtime().space.unmap(address_of(limit.page));
  return unmapped ? Result(Nothing()) : unmapped.error();
}

void forget_core(std::uint64_t core) {
  if (shared_pages == nullptr) return;
  shared_pages->home.forget(core);
  shared_pages->untold &= ~only(core);
}

}  // namespace sprat
