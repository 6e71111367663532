// namer.cc — does one thing after the other with names of services, and says how each ended: `namer +NAME` publishes, `*NAME`
// as soon as the name is free, `-NAME`
// withdraws, `?NAME` looks up, `!NAME` waits until there is one, `stay` keeps the process until it is killed.

#include "lib/connection.hh"
#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/runtime.hh"
#include "lib/service_names.hh"
#include "lib/system_call.hh"
#include "lib/words.hh"

namespace sprat {
namespace {

void say(std::string_view word, const Result<void>& result) {
  print("namer: {}: {}\n", word, result ? "done" : name_of(result.error()));
}

Task<> obey(std::string_view word) {
  const std::string_view name = slice(word, 1);
  if (word.starts_with('*')) {
    Result<void> published = Error::in_use;
    while (!published && published.error() == Error::in_use) {
      yield(Yield::stay);
      published = co_await publish(name);
    }
    say(word, published);
  } else if (word.starts_with('+')) {
    say(word, co_await publish(name));
  } else if (word.starts_with('-')) {
    say(word, withdraw(name));
  } else if (word.starts_with('?')) {
    const auto found = look_up(name);
    if (found) {
      print("namer: {}: process {} of core {}\n", word, found.value().process, found.value().core);
    } else {
      say(word, found.error());
    }
  } else if (word.starts_with('!')) {
    while (!look_up(name)) yield(Yield::stay);
  } else {
    co_await runtime().loop.notified(0);
  }
  co_return {};
}

Task<> obey_all(std::string_view words) {
  for (;;) {
    const std::string_view word = next_word(words);
    if (word.empty()) co_return {};
    if (const auto obeyed = co_await obey(word); !obeyed) co_return obeyed;
  }
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  return runtime().loop.run(obey_all(words)) ? 0 : 1;
}
