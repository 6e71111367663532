// config_test.cc — impossible machines are refused; the words for QEMU and Bochs are right.

#include <criterion/criterion.h>
#include <unistd.h>

#include <algorithm>

#include "machine/bochs.hh"
#include "machine/qemu.hh"
#include "machine/registers.hh"
#include "machine/run_directory.hh"
#include "places.hh"

using namespace sprat::grading;

namespace {

template <typename Change>
std::string complaint_after(Change change, Emulator emulator = Emulator::qemu) {
  MachineConfig config = places::asked_to(emulator, "ok");
  change(config);
  try {
    config.validate();
  } catch (const MachineError& error) {
    return error.what();
  }
  return "";
}

bool names(const std::string& complaint, const char* word) {
  return complaint.find(word) != std::string::npos;
}

}  // namespace

Test(config, good_one_is_accepted) {
  const std::string complaint = complaint_after([](MachineConfig&) {});
  cr_assert(complaint.empty(), "%s", complaint.c_str());
}

Test(config, errors_name_the_wrong_value) {
  cr_assert(names(complaint_after([](auto& c) { c.cpus = 0; }), "cpus is 0; qemu takes 1 to 16"));
  cr_assert(names(complaint_after([](auto& c) { c.cpus = 17; }), "1 to 16"));
  cr_assert(names(complaint_after([](auto& c) { c.cpus = 9; }, Emulator::bochs), "1 to 8"));
  cr_assert(names(complaint_after([](auto& c) { c.memory_mib = 31; }), "31 MiB; qemu takes 32"));
  cr_assert(names(complaint_after([](auto& c) { c.memory_mib = 8193; }), "32 to 8192"));
  cr_assert(
      names(complaint_after([](auto& c) { c.memory_mib = 2049; }, Emulator::bochs), "32 to 2048"));
  cr_assert(
      names(complaint_after([](auto& c) { c.kernel = "/nowhere"; }), "/nowhere is not a file"));
  cr_assert(names(complaint_after([](auto& c) { c.kvm = true; }, Emulator::bochs), "KVM"));
  if (access("/dev/kvm", R_OK | W_OK) != 0)
    cr_assert(names(complaint_after([](auto& c) { c.kvm = true; }), "/dev/kvm cannot be opened"));
  cr_assert(names(complaint_after([](auto& c) { c.guest_limit = 1; }), "needs the scope"));
  cr_assert(names(complaint_after([](auto& c) { c.scope = places::scope(); }, Emulator::bochs),
                  "plugin of QEMU"));
  cr_assert(names(complaint_after([](auto& c) { c.command_line = "a=\"b\""; }), "character '\"'"));
  cr_assert(names(complaint_after([](auto& c) { c.command_line = "a;b"; }), "character ';'"));
  cr_assert(names(complaint_after([](auto& c) {
                    c.modules = {{places::guest(), "a/b"}};
                  }),
                  "is called 'a/b'"));
  cr_assert(names(complaint_after([](auto& c) {
                    c.modules = {{places::guest(), ""}};
                  }),
                  "is called ''"));
  cr_assert(names(complaint_after([](auto& c) {
                    c.modules = {{places::scope(), "guest.elf"}};
                  }),
                  "rename one"));
}

Test(config, emulators_have_names_and_back) {
  for (Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs}) {
    cr_assert(emulator_named(name_of(emulator)) == emulator);
  }
  cr_assert(!emulator_named("vax"));
}

Test(config, commas_in_modules_are_doubled_for_qemu) {
  MachineConfig config = places::asked_to(Emulator::qemu, "ok");
  config.modules = {{places::guest(), "one a,b"}, {places::guest(), "two"}};
  const std::vector<std::string> arguments = qemu_arguments(config);
  auto option = std::find(arguments.begin(), arguments.end(), "-initrd");
  cr_assert(option != arguments.end());
  cr_assert_str_eq((option + 1)->c_str(), "one a,,b,two");
}

// It is copied to where the wall shows it.
Test(config, scope_has_the_same_name_for_qemu_in_whatever_folder_it_is) {
  const RunDirectory folder;
  MachineConfig config = places::asked_to(Emulator::qemu, "ok");
  config.scope = folder.path() / "a=b,c" / "scope.so";
  const std::vector<std::string> arguments = qemu_arguments(config);
  auto option = std::find(arguments.begin(), arguments.end(), "-plugin");
  cr_assert(option != arguments.end());
  cr_assert((option + 1)->starts_with("file=../scope.so,out="), "%s", (option + 1)->c_str());
}

// From QEMU 9 on there is an x2APIC, and reading its timer with -icount ends QEMU.
Test(config, processor_has_the_same_interrupt_controller_on_every_qemu) {
  const std::vector<std::string> arguments =
      qemu_arguments(places::asked_to(Emulator::qemu_icount, "ok"));
  auto option = std::find(arguments.begin(), arguments.end(), "-cpu");
  cr_assert(option != arguments.end() && *(option + 1) == "max,-x2apic");
}

Test(bochs_words, are_told_from_the_guests) {
  BochsSieve sieve;
  // In pieces, as a pipe brings them.
  for (const char* piece :
       {"=====\n  Bochs 2.7\nNext a", "t t=0\n(0) [0x00fff0] f000:fff0 (unk. ctxt): jmpf\n(1) [0x",
        "00fff0] f000\nhel", "lo\n(not a place)\nsprat exit ok\n(0).[7388] [0x0000] out dx\n",
        "rest"}) {
    sieve.take(piece);
  }
  cr_assert_str_eq(sieve.text().c_str(), "hello\n(not a place)\nsprat exit ok\n");
  sieve.end();
  cr_assert_str_eq(sieve.text().c_str(), "hello\n(not a place)\nsprat exit ok\nrest");
}

Test(bochs_words, log_tells_time_reset_and_triple_fault) {
  const BochsLog reset = read_bochs_log(
      "00000000000i[SYS   ] bx_pc_system_c::Reset(HARDWARE) called\n"
      "00073782228i[SYS   ] bx_pc_system_c::Reset(SOFTWARE) called\n"
      "00074144608p[CPU0  ] >>PANIC<< exception(): 3rd (13) exception with no resolution\n");
  cr_assert(reset.reset && !reset.triple_fault && reset.ticks == 74144608);
  const BochsLog fault = read_bochs_log(
      "00000000000i[SYS   ] bx_pc_system_c::Reset(HARDWARE) called\n"
      "00000000009p[CPU0  ] >>PANIC<< exception(): 3rd (13) exception with no resolution\n");
  cr_assert(!fault.reset && fault.triple_fault);
  cr_assert_eq(read_bochs_log("nonsense\n0001i[\n12345678901i").ticks, 0u);
}

Test(registers, are_read_from_bochs_log) {
  const std::vector<Registers> all = parse_registers(
      "00000000009i[CPU0  ] | EAX=00000000  EBX=00105040  ECX=00000000  EDX=00100636\n"
      "00000000009i[CPU0  ] | ESP=00104fec  EBP=00105014  ESI=00105080  EDI=00010000\n"
      "00000000009i[CPU0  ] |  CS:0010( 0002| 0|  0) 00000000 ffffffff 1 1\n"
      "00000000009i[CPU0  ] | EIP=001003b1 (001003b1)\n"
      "00000000009i[CPU0  ] | CR0=0x60000011 CR2=0x00000dea\n");
  cr_assert_eq(all.size(), 1u);
  cr_assert(all[0].rip == 0x1003b1 && all[0].rsp == 0x104fec);
  cr_assert(all[0].cr0 == 0x60000011 && all[0].cr2 == 0xdea);
}

Test(registers, are_read_from_qemu_in_64_and_32_bit_mode) {
  const std::vector<Registers> all = parse_registers(
      "\nCPU#0\nRAX=0000000000000001 RBX=0 RCX=0 RDX=0\nRSI=0 RDI=0 RBP=0 RSP=ffffffff80104ff0\n"
      "RIP=ffffffff80100780 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\n"
      "CS =0008 0000000000000000 ffffffff 00a09b00 DPL=0 CS64 [-RA]\n"
      "CR0=80010011 CR2=0000000000000dea CR3=0000000000123000 CR4=000000a0\nEFER=0000000000000d01\n"
      "\nCPU#1\nEAX=00000000 EBX=00000000\nEIP=0000fff0 EFL=00000002 HLT=0\nCS =f000 "
      "ffff0000\nCR0=60000010\n");
  cr_assert_eq(all.size(), 2u);
  cr_assert(all[0].rip == 0xffffffff80100780 && all[0].rsp == 0xffffffff80104ff0 &&
            all[0].rflags == 0x246);
  cr_assert(all[0].cs == 8 && all[0].cr0 == 0x80010011 && all[0].cr2 == 0xdea &&
            all[0].cr3 == 0x123000);
  cr_assert(all[0].cr4 == 0xa0 && all[0].efer == 0xd01 && all[0].halted);
  cr_assert(all[1].rip == 0xfff0 && all[1].cs == 0xf000 && all[1].cr0 == 0x60000010 &&
            !all[1].halted);
}
