// echo.cc — a server and its clients: `run echo &` answers calls with their own words, `run echo WORDS...` calls it.

#include <cstring>

#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/system_call.hh"
#include "lib/words.hh"
#include "sprat/text.hh"

namespace sprat {
namespace {

Task<> answer_calls() {
  for (;;) {
    const auto call = co_await runtime().loop.next_call();
    if (!call) co_return call.error();
    answer(call.value().words);
  }
}

Result<void> run_service() {
  const auto endpoint =
      TRY(retype<Type::endpoint>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))));
  TRY(offer_service(endpoint));
  return runtime().loop.run(answer_calls());
}

// A server that was started a moment ago may not have had its turn yet: lets it have some before it is said to be missing.
Result<Cap<Type::endpoint>> find_server() {
  constexpr int kTurns = 16;
  for (int turn = 1;; ++turn) {
    auto server = find_service("echo");
    if (server || turn == kTurns) return server;
    yield(Yield::stay);
  }
}

// Sends `text`, as much as one message takes at a time, and prints the answer.
Result<void> send(std::string_view text) {
  const auto server = TRY(find_server());
  while (!text.empty()) {
    Words words{};
    const std::string_view piece = slice(text, 0, sizeof(words));
    std::memcpy(words.data(), piece.data(), piece.size());
    const auto answer = TRY(call(server.address(), words));
    print("{}", until_zero({reinterpret_cast<const char*>(answer.words.data()), piece.size()}));
    text.remove_prefix(piece.size());
  }
  print("\n");
  return {};
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  while (words.starts_with(' ')) words.remove_prefix(1);
  const auto done = words.empty() ? run_service() : send(words);
  if (done) return 0;
  print("echo: {}: no server answers; run echo & starts one\n", name_of(done.error()));
  return 1;
}
