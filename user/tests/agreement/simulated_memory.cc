// simulated_memory.cc — see simulated_memory.hh.

#include "tests/agreement/simulated_memory.hh"

#include <algorithm>

#include "tests/agreement/simulated_system.hh"

namespace sprat::test {

namespace {

constexpr unsigned kMostCopies = 3;

// The CPU driver tells the monitor later.
Task<> say_lonely(Incarnation& self, std::uint64_t base) {
  self.holder.is_lonely(base);
  co_return {};
}

// All that was made of the piece goes, on all cores.
Task<> revoke_all(Incarnation& self, PieceNumber piece) {
  const Range range = range_of(piece);
  for (;;) {
    for (std::uint64_t base = range.begin; base < range.begin + kFramesOfPiece * kFrameBytes;
         base += kFrameBytes)
      self.memory.remove_own(base);
    const auto revoked = co_await self.owner.revoke(range);
    const auto taken = co_await self.loans.take_back(range);
    if (revoked && taken && !self.memory.has_made(range)) break;
    co_await self.system.network().turn(self.core);
  }
  self.loans.vacated(piece);
  co_return {};
}

}  // namespace

// ---- for the protocols

Result<void> SimulatedMemory::keep(const Frame& frame) {
  const auto own = own_.find(frame.base);
  self_.system.expect(own != own_.end(), "a frame is shared that does not exist");
  if (own == own_.end()) return Error::no_capability;
  own->second.is_kept = true;
  return {};
}

void SimulatedMemory::release(std::uint64_t base) {
  const auto own = own_.find(base);
  self_.system.expect(own != own_.end() && own->second.is_kept, "a frame is released twice");
  if (own == own_.end()) return;
  own->second.is_kept = false;
  end_if_unused(base);
}

Result<void> SimulatedMemory::give(const Frame& frame, TicketNumber) {
  const auto own = own_.find(frame.base);
  if (own == own_.end()) return Error::no_capability;
  own->second.has_own = true;
  return {};
}

Result<void> SimulatedMemory::adopt(const Frame& frame, CoreNumber, TicketNumber ticket) {
  if (fails()) return Error::out_of_memory;
  self_.system.expect(self_.system.objects[next].exists,
                      "a copy arrives of a frame that does not exist");
  const auto [place, is_new] = foreign_.try_emplace(frame.base, next);
  self_.system.expect(place->second.object == next, "a byte is in two objects");
  ++place->second.copies;
  place->second.unclaimed.push_back(ticket);
  return {};
}

bool SimulatedMemory::sweep(std::uint64_t base) {
  const auto place = foreign_.find(base);
  self_.system.expect(place != foreign_.end(), "a frame is swept that is not there");
  if (place == foreign_.end()) return true;
  place->second.unclaimed.clear();
  if (place->second.copies != 0) --place->second.copies;
  return place->second.copies == 0;
}

bool SimulatedMemory::drop(std::uint64_t base) {
  const auto place = foreign_.find(base);
  if (place == foreign_.end() || place->second.copies != 0) return false;
  foreign_.erase(place);
  return true;
}

Result<void> SimulatedMemory::leave(PieceNumber piece) {
  if (has_made(range_of(piece))) return Error::in_use;
  self_.system.expect(window_.erase(piece) != 0, "RAM is sent that is not there");
  being_vacated_.erase(piece);
  had_.insert(piece);
  self_.system.places[piece].reset();
  return {};
}

// Frames that a dead core has made of the piece end now.
Result<void> SimulatedMemory::enter(PieceNumber piece, TicketNumber ticket) {
  self_.system.expect(ticket != 0 || had_.contains(piece), "no process has asked for this RAM");
  if (!had_.contains(piece) && fails()) return Error::out_of_memory;
  auto& place = self_.system.places[piece];
  self_.system.expect(!place || self_.system.incarnation(*place).has_stopped,
                      "RAM is in two windows");
  self_.system.end_objects(range_of(piece));
  place = self_.core;
  window_.insert(piece);
  if (ticket != 0) unclaimed_.emplace(ticket, piece);
  if (self_.extension != nullptr) self_.extension->entered(piece);
  return {};
}

void SimulatedMemory::vacate(PieceNumber piece) {
  being_vacated_.insert(piece);
  std::erase_if(unclaimed_, [&](const auto& entry) { return entry.second == piece; });
  self_.system.network().start(self_.core, revoke_all(self_, piece));
}

// ---- for processes

void SimulatedMemory::begin_with(PieceNumber piece) {
  window_.insert(piece);
  self_.system.places[piece] = self_.core;
  if (self_.extension != nullptr) self_.extension->entered(piece);
}

void SimulatedMemory::make(std::uint64_t base) {
  const auto piece = static_cast<PieceNumber>(base >> kPieceBits);
  if (own_.contains(base) || !window_.contains(piece) || being_vacated_.contains(piece)) return;
  own_.emplace(base, Own{self_.system.objects.size()});
  self_.system.objects.push_back({self_.core, base});
}

void SimulatedMemory::remove_own(std::uint64_t base) {
  const auto own = own_.find(base);
  if (own == own_.end()) return;
  own->second.has_own = false;
  end_if_unused(base);
}

void SimulatedMemory::copy_foreign(std::uint64_t base) {
  const auto place = foreign_.find(base);
  if (place == foreign_.end() || place->second.copies == 0 || place->second.copies >= kMostCopies)
    return;
  if (self_.holder.may_copy(base)) ++place->second.copies;
}

void SimulatedMemory::remove_foreign(std::uint64_t base) {
  const auto place = foreign_.find(base);
  if (place == foreign_.end() || place->second.copies == place->second.unclaimed.size()) return;
  if (--place->second.copies == 0)
    self_.system.network().start(self_.core, say_lonely(self_, base));
}

void SimulatedMemory::claim(TicketNumber ticket) {
  if (unclaimed_.erase(ticket) != 0) return;
  for (auto& [base, foreign] : foreign_)
    if (std::erase(foreign.unclaimed, ticket) != 0) return;
  self_.system.expect(false, "a process got a capability that is not there");
}

void SimulatedMemory::abandon(TicketNumber ticket) {
  unclaimed_.erase(ticket);
  for (auto& [base, foreign] : foreign_)
    if (std::erase(foreign.unclaimed, ticket) != 0) return remove_foreign(base);
}

void SimulatedMemory::remove_all() {
  for (auto next_one = own_.begin(); next_one != own_.end();) remove_own((next_one++)->first);
  for (const auto& [base, foreign] : foreign_)
    for (unsigned copies = foreign.copies; copies != 0; --copies) remove_foreign(base);
}

std::optional<std::uint64_t> SimulatedMemory::any_frame() {
  std::vector<std::uint64_t> frames;
  for (const auto& [base, own] : own_)
    if (own.has_own) frames.push_back(base);
  for (const auto& [base, foreign] : foreign_)
    if (foreign.copies > foreign.unclaimed.size()) frames.push_back(base);
  if (frames.empty()) return std::nullopt;
  return frames[self_.system.random().below(frames.size())];
}

std::optional<PieceNumber> SimulatedMemory::any_piece() {
  std::vector<PieceNumber> pieces;
  for (const PieceNumber piece : window_) {
    const auto is_this = [&](const auto& entry) { return entry.second == piece; };
    if (std::ranges::none_of(unclaimed_, is_this)) pieces.push_back(piece);
  }
  if (pieces.empty()) return std::nullopt;
  return pieces[self_.system.random().below(pieces.size())];
}

bool SimulatedMemory::has_made(Range range) const {
  const auto place = own_.lower_bound(range.begin);
  return place != own_.end() && range.has(place->first);
}

std::optional<ObjectNumber> SimulatedMemory::object_at(std::uint64_t base) const {
  if (const auto own = own_.find(base); own != own_.end()) return own->second.object;
  if (const auto foreign = foreign_.find(base); foreign != foreign_.end())
    return foreign->second.object;
  return std::nullopt;
}

bool SimulatedMemory::has_copy_of(ObjectNumber object) const {
  for (const auto& [base, foreign] : foreign_)
    if (foreign.object == object) return true;
  return false;
}

bool SimulatedMemory::has_own(std::uint64_t base) const {
  const auto own = own_.find(base);
  return own != own_.end() && own->second.has_own;
}

const char* SimulatedMemory::look() const {
  for (const auto& [base, foreign] : foreign_) {
    const Object& object = self_.system.objects[foreign.object];
    if (!object.exists) return "a core has a copy of a frame that does not exist";
    const Incarnation& owner = self_.system.incarnation(object.owner);
    if (!owner.has_stopped && !owner.owner.may_be_held(base, self_.number))
      return "a core has a copy of a frame, and its owner does not know";
  }
  return nullptr;
}

bool SimulatedMemory::fails() { return !never_fails && self_.system.random().below(10) == 0; }

void SimulatedMemory::end_if_unused(std::uint64_t base) {
  const auto own = own_.find(base);
  if (own->second.has_own || own->second.is_kept) return;
  self_.system.end_object(own->second.object);
  own_.erase(own);
}

}  // namespace sprat::test
