// stand_in_test.cc — emulators of every version, told apart by their behaviour: small scripts take their places.

#include <criterion/criterion.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "machine/bochs.hh"
#include "machine/boot_files.hh"
#include "machine/machine.hh"
#include "machine/run_directory.hh"
#include "places.hh"

using namespace sprat::grading;
namespace fs = std::filesystem;

namespace {

// A folder that comes first in PATH while the test runs.
class FirstInPath {
 public:
  FirstInPath() {
    setenv("PATH", (folder_.path().string() + ":" + std::getenv("PATH")).c_str(), 1);
  }

  void put(const std::string& name, const std::string& script) const {
    std::ofstream(folder_.path() / name) << "#!/bin/sh\n" << script;
    fs::permissions(folder_.path() / name, fs::perms::owner_all);
  }
  const fs::path& path() const { return folder_.path(); }

 private:
  RunDirectory folder_;
};

// The actions of a QEMU once its machine is built, on the descriptors that Emulation gives it.
constexpr char kReady[] =
    R"(printf '{"QMP": {}}\n' >&4; read -r hello <&4; printf '{"return": {}}\n' >&4
say() { printf '%s\n' "$1" >&3; }
event() { printf '{"event": "SHUTDOWN", "data": {"guest": true, "reason": "%s"}}\n' "$1" >&4; }
quit_with() { while read -r line <&4; do case $line in *quit*) exit "$1";; *) printf '{"return": "", "id": 1}\n' >&4;; esac; done; }
)";

RunResult run_of(const std::string& script, const std::string& before = kReady) {
  static_assert(kProtocolDescriptor == 3 && kControlDescriptor == 4);
  MachineConfig config = places::asked_to(Emulator::qemu, "ok");
  config.wall = Wall::of(WallKind::none);  // which would hide the script
  FirstInPath programs;
  programs.put("qemu-system-x86_64", before + script);
  return Machine(config).run();
}

void expect(const std::string& script, Ending ending, int status,
            const std::string& before = kReady) {
  const RunResult result = run_of(script, before);
  cr_expect(result.ending == ending, "%s: ending %d: %s", script.c_str(),
            static_cast<int>(result.ending), result.explanation.c_str());
  cr_expect_eq(result.exit_status, status, "%s: status %d", script.c_str(), result.exit_status);
}

}  // namespace

Test(stand_in_qemu, that_announces_the_shutdown_is_judged_like_one_that_ends_at_once) {
  expect("say 'sprat exit ok'; exit 33", Ending::said_ok, 33);
  expect("say 'sprat exit ok'; event guest-shutdown; quit_with 33", Ending::said_ok, 33);
  expect("say 'sprat exit failed'; exit 35", Ending::said_failed, 35);
  expect("say 'sprat exit failed'; event guest-shutdown; quit_with 35", Ending::said_failed, 35);
  expect("exit 33", Ending::left_early, 33);
  expect("event guest-shutdown; quit_with 33", Ending::left_early, 33);
  expect("event guest-shutdown; quit_with 0", Ending::left_early, 0);
}

Test(stand_in_qemu, reset_after_the_last_word_is_not_judged) {
  expect("say 'sprat exit ok'; event guest-reset; quit_with 0", Ending::said_ok, 0);
  expect("event guest-reset; quit_with 0", Ending::reset, 0);
}

Test(stand_in_qemu, that_does_not_start_is_at_fault_itself) {
  const std::string library =
      "echo 'qemu-system-x86_64: error while loading shared libraries: libfoo.so' >&2; exit 127";
  expect(library, Ending::emulator_broke, 127, "");
  expect("echo 'bwrap: No permissions to create new namespace' >&2; exit 1", Ending::emulator_broke,
         1, "");
  expect("printf '{\"QMP\": {}}\\n' >&4; exit 1", Ending::emulator_broke, 1, "");
  const std::string explanation = run_of(library, "").explanation;
  cr_expect_neq(explanation.find("libfoo.so"), std::string::npos, "%s", explanation.c_str());
}

Test(stand_in_qemu, that_cannot_load_the_kernel_blames_the_kernel) {
  expect("printf '{\"QMP\": {}}\\n' >&4; echo 'qemu: invalid kernel header' >&2; exit 1",
         Ending::not_bootable, 1, "");
}

Test(stand_in_qemu, that_crashes_or_is_killed_is_at_fault_itself) {
  expect("echo 'qemu-system-x86_64: bad thing' >&2; kill -ABRT $$", Ending::emulator_crashed, 134);
  expect("kill -KILL $$", Ending::emulator_broke, 137);
  expect("echo 'qemu-system-x86_64: bad thing' >&2; exit 1", Ending::emulator_broke, 1);
  expect("echo 'qemu-system-x86_64: warning: odd thing' >&2; exit 1", Ending::left_early, 1);
}

// A guest can bring an emulator to that; it must not cost the guest's author a result.
Test(stand_in_qemu, that_takes_too_much_is_ended_and_the_system_in_it_is_judged) {
  const RunResult grown =
      run_of("python3 -c 'import time; kept = b\"x\" * 1500000000; time.sleep(60)'");
  cr_expect(grown.ending == Ending::took_too_much, "ending %d: %s", static_cast<int>(grown.ending),
            grown.explanation.c_str());
  cr_expect(grown.verdict == Verdict::out_of_memory);
  cr_expect_neq(grown.explanation.find("much memory of the computer"), std::string::npos, "%s",
                grown.explanation.c_str());
  const RunResult wrote = run_of("kill -XFSZ $$");
  cr_expect(wrote.ending == Ending::took_too_much, "ending %d: %s", static_cast<int>(wrote.ending),
            wrote.explanation.c_str());
  cr_expect_neq(wrote.explanation.find("room for its files"), std::string::npos, "%s",
                wrote.explanation.c_str());
}

Test(stand_in_bochs, is_asked_for_its_debugger_when_it_has_a_switch_for_it) {
  FirstInPath programs;
  programs.put("bochs",
               "echo '  -rc filename     execute debugger commands' >&2\n"
               "echo '  -debugger        start Bochs internal debugger on startup' >&2\n");
  const std::vector<std::string> arguments = bochs_arguments();
  cr_assert(std::find(arguments.begin(), arguments.end(), "-debugger") != arguments.end());
}

Test(stand_in_bochs, without_a_switch_for_its_debugger_is_not_asked_for_it) {
  FirstInPath programs;
  programs.put("bochs", "echo '  -rc filename     execute debugger commands' >&2\n");
  const std::vector<std::string> arguments = bochs_arguments();
  cr_assert(std::find(arguments.begin(), arguments.end(), "-debugger") == arguments.end());
}

Test(stand_in_bochs, is_given_the_video_bios_that_is_there) {
  const MachineConfig config = places::asked_to(Emulator::bochs, "ok");
  for (const char* name : {"VGABIOS-lgpl-latest", "VGABIOS-lgpl-latest.bin"}) {
    RunDirectory installed, folder;
    fs::create_directories(installed.path() / "bin");
    fs::create_directories(installed.path() / "share/bochs");
    std::ofstream(installed.path() / "bin/bochs") << "#!/bin/sh\n";
    std::ofstream(installed.path() / "share/bochs" / name) << name;
    setenv("PATH", (installed.path() / "bin").c_str(), 1);
    write_bochs_files(config, folder.path(), "/dev/null", false);
    cr_assert_neq(
        places::content_of(folder.path() / "bochsrc").find("vgaromimage: file=video-bios\n"),
        std::string::npos);
    cr_assert(places::content_of(folder.path() / "video-bios") == name);
  }
}
