// shared_pages.cc — a record for each page: on the home its frame, and the cores that have it; elsewhere the frame that has come.

#include "span/shared_pages.hh"

#include <array>
#include <bit>

#include "lib/runtime.hh"
#include "lib/upcalls.hh"
#include "span/dispatchers.hh"
#include "sprat/first_process.hh"

namespace sprat {
namespace {

namespace messages = span_messages;

constexpr VirtualAddress kSharedPages = kOwnMappings + 640 * kLargePageSize;

// A bit for each core.
using Cores = std::uint64_t;
static_assert(kMaxCores <= 64);
constexpr Cores only(std::uint64_t core) { return Cores{1} << core; }
constexpr auto first_of(Cores cores) { return static_cast<std::uint64_t>(std::countr_zero(cores)); }

struct Page {
  Cap<Type::frame> frame;
  // This core may map it so; it does so when it is touched, or asked for.
  Mapping may = Mapping::none;
  bool is_mapped = false;
  // On the home: how all cores may map it, and the other cores that may read it, or read and write.
  Mapping most = Mapping::writable;
  bool is_being_limited = false;
  Cores readers = 0, writers = 0;
  // On others: it was given, and is not here yet; a limit has come meanwhile.
  bool is_coming = false, is_overtaken = false;
};

// The other cores that may do more with `page` than `mapping`.
Cores cores_beyond(const Page& page, Mapping mapping) {
  if (mapping == Mapping::none) return page.readers | page.writers;
  return mapping == Mapping::read_only ? page.writers : 0;
}

// `cores` may do so with `page` from now on.
void note(Page& page, Cores cores, Mapping mapping) {
  page.readers = (page.readers & ~cores) | (mapping == Mapping::read_only ? cores : 0);
  page.writers = (page.writers & ~cores) | (mapping == Mapping::writable ? cores : 0);
}

struct Pages {
  const bool are_of_home = is_home();
  std::array<Page, kMostSharedPages> pages{};
  std::array<Neighbour*, kMaxCores> holders{};  // on the home: the ones that have asked for a page
  std::uint64_t limits_received = 0;
};

constinit Pages* all = nullptr;

bool map_touched(DispatcherFrame& frame);

[[gnu::noinline]] bool make_records() {
  all = new (std::nothrow_t{}) Pages();
  set_page_fault_handler(map_touched);
  return all != nullptr;
}

SPRAT_INLINE Result<Page*> page_of(std::size_t number) {
  if (number >= kMostSharedPages) return Error::invalid_argument;
  if (all == nullptr && !make_records()) return Error::out_of_memory;
  return &all->pages[number];
}

VirtualAddress address_of(const Page& page) {
  return kSharedPages + static_cast<std::uint64_t>(&page - all->pages.data()) * kPageSize;
}

// Maps it on this core.  no_rights: it may not
Result<void> map(Page& page) {
  if (page.may == Mapping::none) return Error::no_rights;
  const Rights rights = page.may == Mapping::writable ? kWrite : Rights();
  TRY(runtime().space.map(address_of(page), page.frame, kPageSize, rights));
  page.is_mapped = true;
  return {};
}

// From now on this core may map it so. A mapping that does more, or less, goes; the next touch makes another.
SPRAT_INLINE Result<void> let_map(Page& page, Mapping mapping) {
  if (std::exchange(page.may, mapping) == mapping) return {};
  if (!std::exchange(page.is_mapped, false)) return {};
  return runtime().space.unmap(address_of(page));
}

// On the home: the page's first frame.
Result<void> make(Page& page) {
  page.frame = TRY(runtime().ram.make<Type::frame>(std::countr_zero(kPageSize)));
  page.may = page.most;
  return {};
}

// A page fault: the page may be mapped here, and is not.
bool map_touched(DispatcherFrame& frame) {
  const std::uint64_t number = (frame.trap_address - kSharedPages.value()) / kPageSize;
  if (number >= kMostSharedPages || all == nullptr) return false;
  Page& page = all->pages[number];
  return page.frame && !page.is_mapped && map(page);
}

// One attempt.  busy: again later
Task<> fetch(std::size_t number, Page& page) {
  const auto from = home();
  if (!from) co_return from.error();
  Neighbour& neighbour = *from.value();
  ExpectedFrame expected;
  const auto ticket = expected.expect(neighbour.connection());
  if (!ticket) co_return ticket.error();
  const auto given = co_await neighbour.want({ticket.value(), static_cast<std::uint16_t>(number)});
  if (!given) co_return given.error();
  page.is_coming = true;
  page.is_overtaken = false;
  const auto received = co_await expected.receive(given.value().frame);
  page.is_coming = false;
  if (!received) co_return received;
  if (page.is_overtaken) co_return Error::busy;
  if (page.is_mapped) co_return {};  // for another task
  page.frame = expected.take();
  page.may = given.value().mapping;
  co_return map(page);
}

}  // namespace

std::uint64_t limits_received() { return all != nullptr ? all->limits_received : 0; }

Task<std::span<std::byte>> shared_page(std::size_t number) {
  const auto found = page_of(number);
  if (!found) co_return found.error();
  Page& page = *found.value();
  if (is_home() && !page.frame)
    if (const auto made = make(page); !made) co_return made.error();
  if (!page.is_mapped && (is_home() || page.may != Mapping::none))
    if (const auto mapped = map(page); !mapped) co_return mapped.error();
  while (!page.is_mapped) {
    if (page.is_coming) {
      co_await runtime().loop.turn();
      continue;
    }
    const auto fetched = co_await fetch(number, page);
    if (!fetched && fetched.error() != Error::busy) co_return fetched.error();
    if (!fetched) co_await runtime().loop.turn();
  }
  co_return std::span(reinterpret_cast<std::byte*>(address_of(page).value()), kPageSize);
}

namespace {

// A limit of a page is in progress; it ends also if its task is destroyed.
class Limiting {
 public:
  explicit Limiting(Page& page) : page_(page) { page_.is_being_limited = true; }
  Limiting(const Limiting&) = delete;
  Limiting& operator=(const Limiting&) = delete;
  ~Limiting() { page_.is_being_limited = false; }

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
  if (!all->are_of_home) co_return Error::invalid_argument;
  Page& page = *found.value();
  if (page.is_being_limited) co_return Error::busy;
  const Limiting limiting(page);
  page.most = mapping;
  const Cores told = cores_beyond(page, mapping);
  Neighbour::Limits limits;
  const messages::Limit limit{static_cast<std::uint16_t>(number), mapping};
  for (Cores cores = told; cores != 0; cores &= cores - 1)
    all->holders[first_of(cores)]->limit(limits, limit);
  auto limited = let_map(page, mapping);  // while they work
  co_await limits;
  note(page, told, mapping);
  if (limits.have_failure()) limited = take_back(page, told, limits);
  co_return limited;
}

// ---- from other dispatchers

Result<messages::Given> Neighbour::OnWant::operator()(const messages::Want& want) const {
  Page& page = *TRY(page_of(want.page));
  if (!is_home() || !page.frame) return Error::not_found;
  if (page.is_being_limited) return Error::busy;
  if (page.most == Mapping::none) return Error::no_rights;
  const Rights keep = page.most == Mapping::writable ? kRead | kWrite | kGrant : kRead | kGrant;
  const auto sent = TRY(send_frame(neighbour.connection_, page.frame, want.ticket, keep));
  const std::uint64_t core = neighbour.connection_.peer().core;
  all->holders[core] = &neighbour;
  note(page, only(core), page.most);
  return messages::Given{sent, page.most};
}

Result<Nothing> Neighbour::OnLimit::operator()(const messages::Limit& limit) const {
  Page& page = *TRY(page_of(limit.page));
  ++all->limits_received;
  if (page.is_coming) page.is_overtaken = true;
  if (page.may > limit.mapping) TRY(let_map(page, limit.mapping));
  return Nothing();
}

void forget_core(std::uint64_t core) {
  if (all == nullptr) return;
  for (Page& page : all->pages) note(page, only(core), Mapping::none);
}

}  // namespace sprat
