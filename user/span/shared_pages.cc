// shared_pages.cc — a record for each page: on the home its frame, and the cores that have it; elsewhere the frame that has come.

#include "span/shared_pages.hh"

#include <array>
#include <bit>

#include "lib/runtime.hh"
#include "span/dispatchers.hh"
#include "sprat/first_process.hh"

namespace sprat {
namespace {

namespace messages = span_messages;

constexpr VirtualAddress kSharedPages = kOwnMappings + 640 * kLargePageSize;

struct Page {
  Cap<Type::frame> frame;
  bool is_mapped = false;
  // On the home: the most that other cores may do, and what each may do that has it.
  Mapping most = Mapping::writable;
  bool is_being_limited = false;
  std::array<Mapping, kMaxCores> mapped_by{};
  // On others: it was given, and is not here yet; a limit has come meanwhile.
  bool is_coming = false, is_overtaken = false;
};

struct Pages {
  std::array<Page, kMostSharedPages> pages{};
  std::uint64_t limits_received = 0;
};

constinit Pages* all = nullptr;

Result<Page*> page_of(std::size_t number) {
  if (number >= kMostSharedPages) return Error::invalid_argument;
  if (all == nullptr) all = new (std::nothrow_t{}) Pages();
  return all != nullptr ? Result(&all->pages[number]) : Error::out_of_memory;
}

VirtualAddress address_of(const Page& page) {
  return kSharedPages + static_cast<std::uint64_t>(&page - all->pages.data()) * kPageSize;
}

Result<void> map(Page& page, Mapping mapping) {
  const Rights rights = mapping == Mapping::writable ? kWrite : Rights();
  TRY(runtime().space.map(address_of(page), page.frame, kPageSize, rights));
  page.is_mapped = true;
  return {};
}

void unmap(Page& page) {
  if (std::exchange(page.is_mapped, false))
    static_cast<void>(runtime().space.unmap(address_of(page)));
}

Result<void> make(Page& page) {
  page.frame = TRY(runtime().ram.make<Type::frame>(std::countr_zero(kPageSize)));
  return map(page, Mapping::writable);
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
  co_return map(page, given.value().mapping);
}

}  // namespace

std::uint64_t limits_received() { return all != nullptr ? all->limits_received : 0; }

Task<std::span<std::byte>> shared_page(std::size_t number) {
  const auto found = page_of(number);
  if (!found) co_return found.error();
  Page& page = *found.value();
  if (is_home() && !page.is_mapped)
    if (const auto made = make(page); !made) co_return made.error();
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

Task<> limit_page(std::size_t number, Mapping mapping) {
  const auto found = page_of(number);
  if (!found) co_return found.error();
  if (!is_home()) co_return Error::invalid_argument;
  Page& page = *found.value();
  if (page.is_being_limited) co_return Error::busy;
  page.is_being_limited = true;
  page.most = mapping;
  std::array<Task<>, kMaxCores> telling;  // all at once
  for (std::uint64_t core = 0; core < kMaxCores; ++core) {
    if (page.mapped_by[core] <= mapping) continue;
    page.mapped_by[core] = mapping;
    Neighbour* const neighbour = dispatcher_on(core);
    if (neighbour == nullptr) continue;  // its core has stopped
    telling[core] = neighbour->limit({static_cast<std::uint16_t>(number), mapping});
    runtime().loop.start(telling[core]);
  }
  for (const auto& told : telling) static_cast<void>(co_await told.join());
  page.is_being_limited = false;
  co_return {};
}

// ---- from other dispatchers

Result<messages::Given> Neighbour::OnWant::operator()(const messages::Want& want) const {
  Page& page = *TRY(page_of(want.page));
  if (!is_home() || !page.frame) return Error::not_found;
  if (page.is_being_limited) return Error::busy;
  if (page.most == Mapping::none) return Error::no_rights;
  const Rights keep = page.most == Mapping::writable ? kRead | kWrite | kGrant : kRead | kGrant;
  const auto sent = TRY(send_frame(neighbour.connection_, page.frame, want.ticket, keep));
  page.mapped_by[neighbour.connection_.peer().core] = page.most;
  return messages::Given{sent, page.most};
}

Result<Nothing> Neighbour::OnLimit::operator()(const messages::Limit& limit) const {
  Page& page = *TRY(page_of(limit.page));
  ++all->limits_received;
  if (page.is_coming) page.is_overtaken = true;
  unmap(page);
  if (limit.mapping == Mapping::none) {
    page.frame = Cap<Type::frame>();
  } else if (page.frame) {
    TRY(map(page, limit.mapping));
  }
  return Nothing();
}

}  // namespace sprat
