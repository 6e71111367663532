// services_test.cc — names of services: all cores agree on which process has which, and none outlives its process or its core.

#include <criterion/criterion.h>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

// How often `text` is in `all`.
std::size_t count(const std::string& all, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = all.find(text, at)) != std::string::npos; at += text.size())
    ++count;
  return count;
}

}  // namespace

Test(services, are_found_on_all_cores_and_gone_with_their_process) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs})
    expect_session(
        session(
            {.emulator = emulator,
             .typed =
                 "run 2 namer +x +y -y +end stay &\nrun 1 namer !end +x\nrun namer ?x ?y +y ?y\n"
                 "services\nkill 2.1\nrun 1 namer *x\n"
                 "run 2 namer *x ?x\nrun 1 namer *x ?end\n",
             .cores = 3,
             .more = {"namer"}}),
        {"namer: +x: done", "namer: +y: done", "namer: -y: done", "namer: +x: in_use",
         "namer: ?x: process 1 of core 2", "namer: ?y: not_found", "namer: +y: done", "of core 0",
         "> services\r\nname              core  process\r\n"
         "x                    2        1\r\nend                  2        1\r\n> kill",
         "namer: *x: done", "namer: *x: done", "namer: ?x: process 2 of core 2", "namer: *x: done",
         "namer: ?end: not_found", "Good bye."});
}

Test(services, wanted_by_several_cores_at_once_go_to_one) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result =
        session({.emulator = emulator,
                 .typed = "run 1 namer !x\nrun 2 namer !x\nrun 3 namer !x\nservices\n",
                 .cores = 4,
                 .more = {"namer +x stay core=1", "namer +x stay core=2", "namer +x stay core=3"}});
    expect_session(result, {"Good bye."});
    cr_expect_leq(count(result.console, "namer: +x: done"), 1, "%s", result.console.c_str());
    cr_expect_eq(count(result.console, "\r\nx                 "), 1, "%s", result.console.c_str());
  }
}

Test(services, of_a_core_that_stops_are_free_for_others) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(
        session({.emulator = emulator,
                 .typed = "run 2 namer +x +z stay &\n@namer: +z: done\nrun namer ?x\nstop 2\n"
                          "run 1 namer ?x +x stay &\n@namer: +x: done\nrun namer ?x\n"
                          "start 2\nrun 2 namer ?x ?z +x +z ?z\n",
                 .cores = 3,
                 .more = {"namer"}}),
        {"namer: ?x: process 1 of core 2", "namer: ?x: not_found", "namer: ?x: process 1 of core 1",
         "namer: ?x: process 1 of core 1", "namer: ?z: not_found", "namer: +x: in_use",
         "namer: +z: done", "namer: ?z: process 1 of core 2"});
}

Test(services, reach_the_process_that_has_the_name) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(
        session({.emulator = emulator,
                 .typed = "run talk any gone\nrun 2 talk &\nrun namer !talk\nrun talk any far\n"
                          "run 1 talk any across\nrun 2 talk any near\nrun talk any bye\nrun 1 "
                          "talk any gone\n",
                 .cores = 3,
                 .more = {"namer"}}),
        {"talk: not_found", "core 2 says: far", "core 2 says: across", "core 2 says: near",
         "talk: peer_gone", "talk: not_found", "Good bye."});
}

Test(services, of_one_process_are_no_more_than_its_quota_and_no_other_texts_are_names) {
  std::string many = "run namer";
  for (unsigned i = 0; i < 25; ++i) many += " +" + std::to_string(i);
  expect_session(session({.emulator = Emulator::qemu,
                          .typed = "run namer + +12345678901234567 +1234567890123456 -x\n" + many +
                                   "\nrun namer +q ?1\n",
                          .cores = 2,
                          .more = {"namer"}}),
                 {"namer: +: invalid_argument", "namer: +12345678901234567: invalid_argument",
                  "namer: +1234567890123456: done", "namer: -x: not_found", "namer: +1: done",
                  "namer: +15: done", "namer: +16: quota_exceeded", "namer: +q: done",
                  "namer: ?1: not_found", "Good bye."});
}
