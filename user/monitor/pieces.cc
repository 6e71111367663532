// pieces.cc — invocations of the Kernel capability; one entry for each piece.

#include "monitor/pieces.hh"

#include <algorithm>

#include "lib/console.hh"
#include "lib/runtime.hh"

namespace sprat::monitor {
namespace {

using agreement::kPieceBits, agreement::PieceNumber, agreement::TicketNumber;

constexpr CapAddress kKernel = task_slot(TaskSlot::kernel);

Result<void> enter_window(CapRef<Type::ram> slot, PieceNumber piece) {
  const Place place = place_of(slot.address());
  const auto entered = invoke(kKernel, Method::enter, place.cnode.raw(), place.slot,
                              agreement::frame_of(piece).base);
  return entered ? Result<void>() : entered.error();
}

}  // namespace

Result<void> Pieces::prepare() {
  spare_ = TRY(take_slot());
  return {};
}

// ---- entries

Result<Pieces::Piece*> Pieces::add(PieceNumber number) {
  const auto place = std::ranges::find(list_, PieceNumber{0}, &Piece::number);
  if (place == list_.end()) return Error::out_of_memory;
  place->ram = Cap<Type::ram>(TRY(take_slot()));
  place->number = number;
  return &*place;
}

// RAM for `piece`.
Result<Cap<Type::ram>> Pieces::make_ram([[maybe_unused]] Piece& piece) const {
  //@ since memory
  if (server_ != nullptr)
    return fill_slot<Type::ram>([&](CapAddress slot) -> Result<void> {
      piece.block = TRY(server_->lend(slot));
      return {};
    });
  //@ end
  return runtime().ram.make<Type::ram>(kPieceBits);
}

Result<Pieces::Piece*> Pieces::make() {
  const auto place = std::ranges::find(list_, PieceNumber{0}, &Piece::number);
  if (place == list_.end()) return Error::out_of_memory;
  auto ram = TRY(make_ram(*place));
  place->number = agreement::piece_at(TRY(identify(ram.address())).base);
  place->ram = std::move(ram);
  place->is_here = true;
  return &*place;
}

Pieces::Piece* Pieces::find(PieceNumber number) {
  const auto found = std::ranges::find(list_, number, &Piece::number);
  return number != 0 && found != list_.end() ? &*found : nullptr;
}

const Pieces::Piece* Pieces::at(std::uint64_t address) const {
  return const_cast<Pieces*>(this)->find(agreement::piece_at(address));
}

std::uint64_t Pieces::holder_of(std::uint64_t address) const {
  const Piece* const piece = at(address);
  return piece != nullptr && piece->is_here ? piece->holder : 0;
}

bool Pieces::is_being_vacated(std::uint64_t address) const {
  const Piece* const piece = at(address);
  return piece != nullptr && piece->is_being_vacated;
}

void Pieces::change() {
  has_changed_ = true;
  if (waiter_.coroutine) runtime().loop.make_ready(waiter_);
}

// ---- processes

// A process may have kept the capability of which it has made the one in the slot. It goes as well.
Result<Pieces::Piece*> Pieces::take_from(const Process& process, CapAddress slot) {
  TRY(Receptions::fetch(process, slot, spare_));
  const Identity identity = TRY(identify(spare_));
  Piece* const piece = find(agreement::piece_at(identity.base));
  const bool is_its = piece != nullptr && piece->holder == process.number &&
                      identity.description.type == Type::ram &&
                      agreement::range_of(piece->number) ==
                          agreement::Range{identity.base, identity.base + identity.bytes};
  if (!is_its || piece->is_being_vacated) {
    // RAM was moved, and goes back; a frame was copied.
    if (!Receptions::put(process, slot, spare_, kAllRights)) static_cast<void>(remove(spare_));
    return is_its ? Error::no_capability : Error::no_rights;
  }
  static_cast<void>(remove(spare_));
  if (!revoke(piece->ram.address())) return Error::in_use;
  piece->holder = 0;
  return piece;
}

Result<void> Pieces::give_to(Piece& piece, const Process& process, CapAddress slot) {
  const Place place = place_of(spare_);
  TRY(retype_into(place.cnode, place.slot, piece.ram.address(), Type::ram, kPieceBits));
  if (const auto given = Receptions::put(process, slot, spare_, kAllRights); !given) {
    static_cast<void>(remove(spare_));
    return given;
  }
  piece.holder = process.number;
  return {};
}

// The first receiver's slot counts for it, and stays so.
Result<void> Pieces::give_to(Piece& piece, TicketNumber ticket) {
  auto* const reception = receptions_.find(ticket, Type::ram);
  const Process* const process =
      reception != nullptr ? receptions_.process_of(*reception) : nullptr;
  if (process == nullptr) return Error::no_capability;
  TRY(give_to(piece, *process, reception->slot));
  if (reception->is_for_owner) piece.owner = process->number;
  if (piece.charge.is_for_nothing()) piece.charge = std::move(reception->charge);
  return {};
}

// ---- for the protocol

Result<void> Pieces::leave(PieceNumber number) {
  Piece* const piece = find(number);
  if (piece == nullptr || !piece->is_here) return Error::no_capability;
  TRY(invoke(kKernel, Method::leave, piece->ram.address().raw()));
  piece->is_here = false;
  piece->holder = 0;
  return {};
}

// A piece that has been here before finds its entry and its slot.
Result<void> Pieces::enter(PieceNumber number, TicketNumber ticket) {
  Piece* piece = find(number);
  const bool is_new = piece == nullptr;
  if (is_new) piece = TRY(add(number));
  const auto entered = enter_window(piece->ram, number);
  piece->is_here = entered.ok();
  if (!entered && !is_new) print("monitor: 2 MiB of RAM are lost: {}\n", name_of(entered.error()));
  auto given = entered;
  //@ since memory
  // A server has no reception.
  piece->is_for_server = server_ != nullptr && ticket != 0 && !receptions_.has(ticket);
  if (piece->is_for_server) ticket = 0;
  //@ end
  if (entered && ticket != 0) given = give_to(*piece, ticket);
  if (is_new && !given) {
    if (entered) static_cast<void>(leave(number));
    forget(*piece);
    return given;
  }
  piece->has_come = piece->is_unused();
  change();
  return {};
}

void Pieces::vacate(PieceNumber number) {
  if (Piece* const piece = find(number)) piece->is_being_vacated = true;
  change();
}

}  // namespace sprat::monitor
