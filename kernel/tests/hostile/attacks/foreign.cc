// foreign.cc — memory of another core, which this kernel's window does not show, in the place of every capability there is.

#include "methods.hh"

namespace sprat::hostile {
namespace {

// What names the frame itself and looks at nothing in it may be done with a foreign frame as well.
bool is_allowed(const Invocation& invocation, std::size_t word) {
  switch (invocation.method) {
    case Method::copy:
    case Method::mint:
    case Method::move:
    case Method::map: return word == 1;
    default: return false;
  }
}

void give_foreign_frames() {
  EXPECT_EQ(Type::frame, describe(own(kForeign)).type);
  constexpr std::uint64_t kCopy = 60;  // `move` takes it away
  for (const Invocation& invocation : invocations()) {
    for (std::size_t word = 0; word < invocation.used; ++word) {
      prepare_objects();
      static_cast<void>(invoke(kFreeNode, Method::remove, kCopy));
      EXPECT_EQ(kStatusOk, status(invoke(kFreeNode, Method::copy, kCopy, own(kForeign).raw())));
      Words words = invocation.words;
      words[word] = own(kCopy).raw();
      const auto result = invoke(invocation, words);
      if ((invocation.capabilities >> word & 1) != 0)
        EXPECT_EQ(is_allowed(invocation, word), result.ok());
      // If a dispatcher lives from it, its first upcall writes there.
      static_cast<void>(invoke(own(kOtherDispatcher), Method::run));
      yield(Yield::stay);
    }
  }
}

void ask_foreign_frames() {
  for (std::uint64_t method = 0; method < kMethods; ++method) {
    const auto result =
        invoke(own(kForeign), static_cast<Method>(method), 1, kRam.raw(), 15, 12, 1);
    EXPECT_EQ(method == static_cast<std::uint64_t>(Method::identify), result.ok());
  }
}

constexpr Attack kAttacks[] = {
    {"names another core's memory in every argument", give_foreign_frames, kGoesOn},
    {"asks another core's memory for every method", ask_foreign_frames, kGoesOn},
};

}  // namespace

std::span<const Attack> attacks_with_foreign_memory() { return kAttacks; }

}  // namespace sprat::hostile
