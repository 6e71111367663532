// attacks.cc — the named attacks, each tried by a process of its own.

#include "attacks/attack.hh"

namespace sprat::hostile {
namespace {

constexpr std::span<const Attack> (*kKinds[])() = {
    attacks_on_memory,       attacks_on_rights,           attacks_on_names,
    attacks_by_instructions, attacks_on_frames,           attacks_by_exhaustion,
    attacks_by_dying,        attacks_with_foreign_memory, attacks_by_races,
};
constexpr std::size_t kKindsOfOneCore = 7;

std::size_t count_of(std::size_t kinds) {
  std::size_t count = 0;
  for (const auto kind : std::span(kKinds).first(kinds)) count += kind().size();
  return count;
}

extern "C" [[noreturn]] void attacker_main() {
  own_frame().is_disabled = 1;
  take_upcalls();
  if (report().order >= attack_count()) fuzz();
  attack(report().order).run();
  say_done();
}

}  // namespace

std::size_t attack_count() { return count_of(std::size(kKinds)); }
std::size_t attacks_of_one_core() { return count_of(kKindsOfOneCore); }

const Attack& attack(std::size_t number) {
  const auto* kind = kKinds;
  for (; number >= (*kind)().size(); ++kind) number -= (*kind)().size();
  return (*kind)()[number];
}

}  // namespace sprat::hostile
