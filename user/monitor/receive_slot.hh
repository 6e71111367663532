// receive_slot.hh — the slot into which a capability comes that goes along with a call.

#pragma once

#include "lib/caps.hh"
#include "lib/lrpc.hh"

namespace sprat::monitor {

class ReceiveSlot {
 public:
  // Makes ready for the next capability.  out_of_memory: no slot is left
  Result<void> prepare() {
    slot_ = TRY(take_slot());
    receive_into(slot_);
    return {};
  }

  // Takes the capability that came with `call`, and makes ready for the next one.
  //   no_capability, wrong_type   none came, or one of another type
  //   out_of_memory               no slot is left for the next one
  template <Type kType>
  Result<Cap<kType>> take(const Call& call) {
    if (call.capability != slot_) return Error::no_capability;
    const auto identity = TRY(identify(slot_));
    if (identity.description.type != kType) return Error::wrong_type;
    const CapAddress received = slot_;
    TRY(prepare());
    return Cap<kType>(received);
  }

  // Deletes the capability that came with `call`, if one did and has not been taken.
  void clear(const Call& call) const {
    if (call.capability == slot_) static_cast<void>(remove(slot_));
  }

 private:
  CapAddress slot_;
};

}  // namespace sprat::monitor
