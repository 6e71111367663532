// assembly.cc — the numbers of the runtime's types that assembly needs (sprat/for_assembly.hh).

#include <bit>
#include <cstddef>

#include "lib/lrpc.hh"
#include "lib/upcalls.hh"
#include "sprat/for_assembly.hh"

namespace sprat {

void runtime_for_assembly() {
  FOR_ASSEMBLY(CALL_CAPABILITY, offsetof(Call, capability));
  FOR_ASSEMBLY(CALL_WORDS, offsetof(Call, words));
  FOR_ASSEMBLY(PENDING_LOOK_AGAIN, std::countr_zero(kLookAgain));
}

}  // namespace sprat
