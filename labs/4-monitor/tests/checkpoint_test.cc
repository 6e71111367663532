// checkpoint_test.cc — messages between cores, and hops: the longest chain of messages, each of which is sent because of the one
// before.

#include "system.hh"

using namespace lab;

namespace {

void note(Trial& trial, System& system, const char* operation, std::size_t cores) {
  const std::string of =
      std::string("_of_a_") + operation + "_on_" + std::to_string(cores) + "_cores";
  trial.value("messages" + of, static_cast<double>(system.posted));
  trial.value("hops" + of, static_cast<double>(system.hops()));
}

}  // namespace

LAB_TEST(checkpoint, joins, "host") {
  for (const std::size_t cores : {4, 8, 64}) {
    System system(trial, cores);
    system.begin_with(cores - 1);
    system.measure();
    system.start(static_cast<CoreNumber>(cores - 1));
    system.run();
    note(trial, system, "join", cores);
    system.expect_rest();
  }
}

LAB_TEST(checkpoint, deaths, "host") {
  for (const std::size_t cores : {4, 8, 64}) {
    System system(trial, cores);
    system.begin_with(cores);
    system.measure();
    system.suspect(1, 2);
    system.run();
    system.expect(system.is_fenced(2), "core 2 is stopped", "it is not");
    note(trial, system, "death", cores);
    system.expect_rest();
  }
}

LAB_TEST(checkpoint, registrations, "host") {
  for (const std::size_t cores : {4, 8, 64}) {
    System system(trial, cores);
    system.begin_with(cores);
    system.measure();
    system.add(static_cast<CoreNumber>(trial.below(cores)), 0);
    system.run();
    note(trial, system, "registration", cores);
    system.expect(system.told()[0].result == "ok", "the name is registered",
                  system.told()[0].result);
    system.expect_equal_tables(1);
    system.expect_rest();
  }
}
