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
  const std::uint32_t limits = page.limits;
  ExpectedFrame expected;
  const auto ticket = expected.expect(neighbour.connection());
  if (!ticket) co_return ticket.error();
  const auto given = co_await neighbour.want({ticket.value(), static_cast<std::uint16_t>(number)});
  if (!given) co_return given.error() == Error::again ? Error::busy : given.error();
  const auto received = co_await expected.receive(given.value().frame);
  if (!received) co_return received;
  if (page.is_mapped) co_return {};  // for another task
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
    for (const Page& page : shared_pages->pages) sum += page.limits;
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
  if (!page.is_mapped && (is_home() || page.may != Mapping::none))
    if (const auto mapped = map(page); !mapped) co_return mapped.error();
  while (!page.is_mapped) {
    const auto fetched = co_await fetch(number, page);
    if (!fetched && fetched.error() != Error::busy) co_return fetched.error();
    if (!fetched) co_await runtime().loop.turn();
  }
  co_return touchable_page(number);
}

namespace {

[[gnu::noinline]] void say_again() {
  for (Neighbour*& neighbour : shared_pages->told_busy)
    if (neighbour != nullptr && neighbour->say_again()) neighbour = nullptr;
}

// A limit of a page is in progress; it ends also if its task is destroyed.
class Limiting {
 public:
  explicit Limiting(Page& page) : page_(page) { page_.limit = Limit::in_progress; }
  Limiting(const Limiting&) = delete;
  Limiting& operator=(const Limiting&) = delete;
  ~Limiting() {
    if (std::exchange(page_.limit, Limit::none) == Limit::awaited) [[unlikely]]
      say_again();
  }

 private:
  Page& page_;
};

// Notes that some of the cores that were told of a limit may still do as before: the ones that are there, and have not done it.
[[gnu::noinline]] Result<void> take_back(Page& page, Cores told, Neighbour::Limits& limits) {
  Result<void> limited;
  std::size_t number = 0;
  for (Cores cores = told; cores != 0; cores &= cores - 1) {
    const auto result = limits.result(number++);
    if (result || result.error() == Error::peer_gone) continue;
    note(page, only(first_of(cores)), Mapping::writable);
    limited = result.error();
  }
  return limited;
}

}  // namespace

Task<> limit_page(std::size_t number, Mapping mapping) {
  const auto found = page_of(number);
  if (!found) co_return found.error();
  if (!shared_pages->are_of_home) co_return Error::invalid_argument;
  Page& page = *found.value();
  if (page.limit != Limit::none) co_return Error::busy;
  const Limiting limiting(page);
  page.most = mapping;
  const Cores told = cores_beyond(page, mapping);
  Neighbour::Limits limits;
  const messages::Limit limit{static_cast<std::uint16_t>(number), mapping};
  for (Cores cores = told; cores != 0; cores &= cores - 1)
    shared_pages->holders[first_of(cores)]->limit(limits, limit);
  auto limited = let_map(number, mapping);  // while they work
  if (told == 0) co_return limited;
  co_await limits;
  note(page, told, mapping);
  if (limits.have_failure()) limited = take_back(page, told, limits);
  co_return limited;
}

// ---- from other dispatchers

Result<messages::Given> Neighbour::OnWant::operator()(const messages::Want& want) const {
  Page& page = *TRY(page_of(want.page));
  if (!is_home() || !page.frame) return Error::not_found;
  if (page.limit != Limit::none) return Error::busy;
  if (page.most == Mapping::none) return Error::no_rights;
  const Rights keep = page.most == Mapping::writable ? kRead | kWrite | kGrant : kRead | kGrant;
  const auto sent = TRY(send_frame(neighbour.connection_, page.frame, want.ticket, keep));
  const std::uint64_t core = neighbour.connection_.peer().core;
  shared_pages->holders[core] = &neighbour;
  note(page, only(core), page.most);
  return messages::Given{sent, page.most};
}

// again: too much is on its way; without a note, the other side asks by itself
Result<messages::Given> Neighbour::BetweenLimits::operator()(const messages::Want& want) const {
  const auto given = OnWant{neighbour}(want);
  if (given || given.error() != Error::busy) return given;
  Page& page = *TRY(page_of(want.page));
  if (page.limit == Limit::none) return Error::again;
  page.limit = Limit::awaited;
  shared_pages->told_busy[neighbour.connection_.peer().core] = &neighbour;
  return Error::busy;
}

Result<Nothing> Neighbour::OnLimit::operator()(const messages::Limit& limit) const {
  if (limit.page >= kMostSharedPages) return Error::invalid_argument;
  Page& page = shared_pages->pages[limit.page];
  ++page.limits;
  if (page.may > limit.mapping) TRY(let_map(limit.page, limit.mapping));
  return Nothing();
}

void forget_core(std::uint64_t core) {
  if (shared_pages == nullptr) return;
  for (Page& page : shared_pages->pages) note(page, only(core), Mapping::none);
  shared_pages->told_busy[core] = nullptr;
}

}  // namespace sprat
