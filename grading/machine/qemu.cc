// qemu.cc — every option QEMU is given, and why.

#include "machine/qemu.hh"

#include "machine/boot_files.hh"

namespace sprat::grading {
namespace {

// QEMU's option lists are separated by commas; a comma that is meant is doubled.
std::string with_commas_doubled(const std::string& text) {
  std::string out;
  for (char c : text) out.append(c == ',' ? 2 : 1, c);
  return out;
}

// QEMU keeps the host code of guest code that may never run again, by default up to 1 GiB of it; a guest that goes on writing
// new code fills that. At this bound, in MiB, it begins anew.
constexpr const char* kTranslations = "tb-size=256";

std::string descriptor_path(int descriptor) { return "/dev/fd/" + std::to_string(descriptor); }

}  // namespace

std::vector<std::string> qemu_arguments(const MachineConfig& config) {
  std::vector<std::string> arguments = {
      "qemu-system-x86_64",
      // A PC with nothing but what follows.
      "-no-user-config",
      "-nodefaults",
      "-display",
      "none",
      "-monitor",
      "none",
      "-machine",
      "pc",
      "-cpu",
      // From QEMU 9 on `max` has an x2APIC, whose timer cannot be used with -icount ("Bad icount read").
      "max,-x2apic",
      "-m",
      std::to_string(config.memory_mib),
      "-smp",
      std::to_string(config.cpus),
      // The console, for a person. QEMU must not take our signals' place (signal=off).
      "-chardev",
      "stdio,id=console,signal=off",
      "-serial",
      "chardev:console",
      // The protocol channel, for tests.
      "-chardev",
      "file,id=protocol,path=" + descriptor_path(kProtocolDescriptor),
      "-device",
      "isa-debugcon,iobase=0xe9,chardev=protocol",
      // How we ask and stop.
      "-chardev",
      "socket,id=control,fd=" + std::to_string(kControlDescriptor),
      "-mon",
      "chardev=control,mode=control",
      // How the guest leaves; a reset is an end as well, and says on the log whether it was a
      // triple fault.
      "-device",
      "isa-debug-exit,iobase=0xf4,iosize=4",
      "-action",
      "reboot=shutdown,shutdown=pause",
      "-d",
      "cpu_reset",
      "-kernel",
      config.kernel.filename().string(),
  };
  auto add = [&](std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
  };
  if (!config.command_line.empty()) add({"-append", config.command_line});
  std::string modules;
  for (const BootModule& module : config.modules) {
    modules += (modules.empty() ? "" : ",") + with_commas_doubled(module.string);
  }
  if (!modules.empty()) add({"-initrd", modules});
  if (config.emulator == Emulator::qemu_icount) {
    // Guest time counts instructions; time in which all processors sleep is skipped.
    add({"-accel", std::string("tcg,thread=single,") + kTranslations, "-icount",
         "shift=" + std::to_string(config.instruction_time_bits) + ",sleep=off", "-rtc",
         "base=2026-01-01,clock=vm"});
  } else {
    add({"-accel", config.kvm ? "kvm" : std::string("tcg,thread=multi,") + kTranslations});
  }
  if (!config.scope.empty()) {
    std::string plugin =
        std::string("file=") + kScopePlugin + ",out=" + kScopeReport + ",live=" + kScopeLive;
    if (config.traces) plugin += std::string(",trace=") + kScopeTrace;
    if (!config.trust.empty()) plugin += std::string(",trust=") + kScopeTrust;
    if (config.guest_limit != 0) plugin += ",limit=" + std::to_string(config.guest_limit);
    add({"-plugin", plugin});
  }
  return arguments;
}

}  // namespace sprat::grading
