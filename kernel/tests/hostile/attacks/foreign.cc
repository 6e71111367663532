// foreign.cc — memory of another core, which this kernel's window does not show, in the place of every capability there is.

#include "methods.hh"

namespace sprat::hostile {
namespace {

// Operations that name the frame and read nothing in it are allowed for a foreign frame as well. (Here, tables are of
// level 4: no frame is mapped there.)
bool is_allowed(const Invocation& invocation, std::size_t word) {
  switch (invocation.method) {
    case Method::copy:
    case Method::mint:
    case Method::move: return word == 1;
    default: return false;
  }
}

bool names_capability(const Invocation& invocation, std::size_t word) {
  for (const Named& named : std::span(invocation.named).first(invocation.names)) {
    if (named.word == word) return true;
  }
  return false;
}

void give_foreign_frames() {
  EXPECT_EQ(Type::frame, describe(own(kForeign)).type);
  for (const Invocation& invocation : invocations()) {
    for (std::size_t word = 0; word < invocation.used; ++word) {
      prepare_objects();
      EXPECT_EQ(kStatusOk, status(put_copy(kFirstOwn, own(kForeign))));  // `move` takes it away
      Words words = invocation.words;
      words[word] = own(kFirstOwn).raw();
      const auto result = invoke(own(invocation.object), invocation, words);
      if (names_capability(invocation, word)) EXPECT_EQ(is_allowed(invocation, word), result.ok());
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
