// checkpoint_test.cc — messages between cores, and hops: the longest chain of messages, each of which is sent because of the one
// before.

#include "frames.hh"
#include "process.hh"

using namespace lab;

namespace {

void note(Trial& trial, System& system, const char* operation, std::size_t cores) {
  const std::string of = std::string("_of_") + operation + "_" + std::to_string(cores) + "_cores";
  trial.value("messages" + of, static_cast<double>(system.posted));
  trial.value("hops" + of, static_cast<double>(system.hops()));
}

}  // namespace

LAB_TEST(checkpoint, joins, "host") {
  for (const std::size_t cores : {8, 64}) {
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
  for (const std::size_t cores : {8, 64}) {
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
  for (const std::size_t cores : {8, 64}) {
    System system(trial, cores);
    system.begin_with(cores);
    system.measure();
    system.add(static_cast<CoreNumber>(trial.below(cores)), 0);
    system.run();
    note(trial, system, "naming", cores);
    system.expect(system.told()[0].result == "ok", "the name is registered",
                  system.told()[0].result);
    system.expect_equal_tables(1);
    system.expect_rest();
  }
}

LAB_TEST(checkpoint, revokes, "host") {
  const auto measure = [&](std::size_t cores, std::size_t holders, const std::string& of) {
    System system(trial, cores);
    Frames frames(trial, system);
    system.begin_with(cores);
    frames.make(1, Frames::base(1, 0));
    for (std::size_t holder = 0; holder < holders; ++holder)
      frames.send(1, Frames::base(1, 0), static_cast<CoreNumber>(holder == 1 ? cores - 1 : holder));
    frames.run();
    system.expect(frames.received == holders, "all copies arrive",
                  std::to_string(frames.received) + " of them");
    system.measure();
    const std::size_t before = system.posted;
    frames.revoke(1, Frames::base(1, 0), Frames::base(1, 1));
    frames.run();
    trial.value("messages_of_revoke_" + of, static_cast<double>(system.posted - before));
    trial.value("hops_of_revoke_" + of, static_cast<double>(system.hops()));
    system.expect(frames.revoked == 1, "the revoke ends", "it does not");
    frames.expect_rest();
  };
  measure(64, 3, "3_of_64");
  measure(64, 63, "63_of_64");
}

LAB_TEST(checkpoint, limits, "host") {
  const auto measure = [&](std::size_t others, const std::string& of) {
    Process process(trial, kCores);
    const std::size_t page = trial.below(kPages), other_page = (page + 1) % kPages;
    std::size_t count = 0;
    for (std::uint64_t core = 0; core < kCores; ++core) {
      if (core == process.home()) continue;
      const std::size_t its_page = count++ < others ? page : other_page;
      while (process.may(core, its_page) != Mapping::writable) {
        process.touch(core, its_page, Mapping::writable);
        process.run();
      }
    }
    process.measure();
    process.limit(page, Mapping::none);
    process.expect_rest();
    trial.value("messages_of_unmap_" + of, static_cast<double>(process.messages_of_limits));
  };
  measure(0, "0_of_64");
  measure(3, "3_of_64");
  measure(63, "63_of_64");
}
