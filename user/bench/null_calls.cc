// null_calls.cc — the way into the kernel and back, with next to nothing to do there.

#include "bench/measure.hh"
#include "bench/measurements.hh"
#include "lib/runtime.hh"
#include "lib/startup.hh"

namespace sprat::bench {

void measure_kernel_entries() {
  const auto stay = static_cast<std::uint64_t>(Yield::stay);
  constexpr unsigned kLeastBits = 12;
  std::array<Cap<Type::frame>, 5> frames;
  for (unsigned i = 0; i < frames.size(); ++i)
    frames[i] = must(runtime().ram.make<Type::frame>(kLeastBits + i), "a frame to identify");
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    const std::size_t which = i * i % frames.size();
    const Words told =
        measured_invocation<Region::null_invocation>(frames[which].address(), Method::identify);
    expect_done(identity_of(told).bytes == std::uint64_t{1} << (kLeastBits + which),
                "identifying a frame");
    static_cast<void>(measured_call<Region::null_system_call>(SystemCall::yield, stay));
  }
}

}  // namespace sprat::bench
