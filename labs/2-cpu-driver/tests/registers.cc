// registers.cc — the same draws as in ../probe/worker.cc.

#include "registers.hh"

namespace lab {

RegisterValues random_registers(Sequence& sequence) {
  constexpr std::uint64_t kRandomFlags = 0xcd5;
  RegisterValues values;
  for (std::uint64_t& value : values) value = sequence.next();
  values[flags] &= kRandomFlags;
  return values;
}

}  // namespace lab
