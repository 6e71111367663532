// span_trial.hh — the common part of test programs that span cores: `NAME WHAT ...` is a trial, which the home runs; its dispatchers on
// other cores handle tasks.

#pragma once

#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "span/span.hh"

namespace sprat {

inline constinit std::uint64_t own_core = 0;

inline int run_span_trial(const Startup& startup, std::string_view name,
                          Task<> (*try_out)(std::string_view words)) {
  own_core = startup.core_id;
  if (is_added_dispatcher(startup)) return handle_tasks();
  const auto done = runtime().loop.run(try_out(arguments(startup)));
  if (!done) print("{}: {}\n", name, name_of(done.error()));
  return done ? 0 : 1;
}

}  // namespace sprat
