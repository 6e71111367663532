// caps.cc — invocations of CNodes.

#include "lib/caps.hh"

#include <bit>

#include "sprat/first_process.hh"

namespace sprat {
namespace {

Result<void> without_value(const Result<Words>& result) {
  if (result) return {};
  return result.error();
}

}  // namespace

Place place_of(CapAddress address) {
  constexpr CapAddress kRoot(kTaskNode, static_cast<std::size_t>(TaskSlot::root));
  if (address.names_root_slot()) return {kRoot, address.node()};
  return {CapAddress::in_root(address.node()), address.slot()};
}

Identity identity_of(const Words& words) {
  return {std::bit_cast<Description>(words[0]), words[1], words[2], words[3]};
}

Result<Identity> identify(CapAddress address) {
  const auto words = TRY(invoke(address, Method::identify));
  return identity_of(words);
}

Result<void> remove(CapAddress address) {
  const Place place = place_of(address);
  return without_value(invoke(place.cnode, Method::remove, place.slot));
}

Result<void> revoke(CapAddress address) {
  const Place place = place_of(address);
  auto revoked = without_value(invoke(place.cnode, Method::revoke, place.slot));
  //@ since monitor
  if (!revoked && revoked.error() == Error::ask_monitor && monitors_part != nullptr) {
    TRY(monitors_part->revoke_elsewhere(address));
    revoked = without_value(invoke(place.cnode, Method::revoke, place.slot));
    monitors_part->end_of_revoke();
  }
  //@ end
  return revoked;
}

Result<void> retype_into(CapAddress cnode, std::uint64_t first, CapAddress source, Type type,
                         unsigned size_bits, std::size_t count) {
  return without_value(invoke(cnode, Method::retype, first, source.raw(), type, size_bits, count));
}

Result<void> mint_into(CapAddress cnode, std::uint64_t slot, CapAddress source, const Mint& mint) {
  return without_value(invoke(cnode, Method::mint, slot, source.raw(), mint.keep.bits(),
                              mint.badge_or_first, mint.count));
}

}  // namespace sprat
