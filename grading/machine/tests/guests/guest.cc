// A guest that does what the word `do=` on its command line says: it ends well, badly, or not at
// all.
//
// Built for 32-bit x86 without any library; the processor stays as the loader leaves it.

using u8 = unsigned char;
using u16 = unsigned short;
using u32 = unsigned;

struct Module {
  u32 start, end;
  const char* string;
  u32 reserved;
};

struct BootInformation {
  u32 flags, memory_lower, memory_upper, boot_device;
  const char* command_line;
  u32 module_count;
  const Module* modules;
};

extern "C" {
void start(const BootInformation& boot);
extern u8 stack[16384];
u8 stack[16384];
// A pattern that a test searches in this guest's memory.
u32 landmark[2];
}

asm(R"(
  .section .multiboot, "a"
  .balign 4
  .long 0x1badb002, 0x3, -(0x1badb002 + 0x3)
  .text
  .globl entry
entry:
  mov $stack + 16384, %esp
  push %ebx
  call start
)");

namespace {

void out8(u16 port, u8 value) { asm volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

u8 in8(u16 port) {
  u8 value;
  asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

constexpr u16 kConsole = 0x3f8;
constexpr u16 kProtocol = 0xe9;
constexpr u16 kDebugExit = 0xf4;  // a value v ends QEMU with status 2 v + 1

void console_initialise() {
  out8(kConsole + 3, 0x80);  // divisor latch
  out8(kConsole + 0, 1);     // 115200 baud
  out8(kConsole + 1, 0);
  out8(kConsole + 3, 0x03);  // 8 bits, no parity, one stop bit
}

void print_byte(char byte) {
  while ((in8(kConsole + 5) & 0x20) == 0) {
  }
  out8(kConsole, static_cast<u8>(byte));
}

void print(const char* text) {
  while (*text != 0) print_byte(*text++);
}

void say(const char* text) {
  while (*text != 0) out8(kProtocol, static_cast<u8>(*text++));
}

bool starts_with(const char* text, const char* prefix) {
  while (*prefix != 0) {
    if (*text++ != *prefix++) return false;
  }
  return true;
}

// The value of the word `key` (which ends in '='), up to the next space; empty when there is none.
const char* value_of(const char* line, const char* key) {
  static char value[2][64];
  static int which;
  char* out = value[which ^= 1];
  int length = 0;
  for (const char* at = line; *at != 0; ++at) {
    if ((at != line && at[-1] != ' ') || !starts_with(at, key)) continue;
    while (*key != 0) ++at, ++key;
    while (*at != 0 && *at != ' ' && length < 63) out[length++] = *at++;
    break;
  }
  out[length] = 0;
  return out;
}

void say_line(const char* nonce, const char* rest) {
  say("@");
  say(nonce);
  say(" ");
  say(rest);
  say("\n");
}

void say_hexadecimal(u32 number) {
  for (int shift = 28; shift >= 0; shift -= 4)
    out8(kProtocol, "0123456789abcdef"[number >> shift & 15]);
}

[[noreturn]] void halt_for_good() {
  for (;;) asm volatile("cli; hlt");
}

void power_off(bool ok) {
  out8(kDebugExit, ok ? 0x10 : 0x11);
  for (const char* word = "Shutdown"; *word != 0; ++word) out8(0x8900, static_cast<u8>(*word));
}

[[noreturn]] void finish(bool ok) {
  say(ok ? "sprat exit ok\n" : "sprat exit failed\n");
  while ((in8(kConsole + 5) & 0x40) == 0) {  // until the last byte has left
  }
  power_off(ok);
  halt_for_good();
}

void pause_for(u32 rounds) {
  for (u32 round = 0; round != rounds; ++round) asm volatile("pause");
}

void reset_by_keyboard_controller() {
  for (int tries = 0; tries < 1000 && (in8(0x64) & 2) != 0; ++tries) {
  }
  out8(0x64, 0xfe);
}

void triple_fault() {
  struct {
    u16 limit;
    u32 base;
  } __attribute__((packed)) none = {0, 0};
  asm volatile("lidt %0; ud2" : : "m"(none));
}

bool key_waits() { return (in8(kConsole + 5) & 1) != 0; }

[[noreturn]] void echo() {
  for (;;) {
    while (!key_waits()) asm volatile("pause");
    const char byte = static_cast<char>(in8(kConsole));
    if (byte == 'q' || byte == 0x04) finish(true);
    print_byte(byte);
  }
}

void act(const char* action, const char* nonce, const BootInformation& boot) {
  if (starts_with(action, "ok")) finish(true);
  if (starts_with(action, "failed")) finish(false);
  if (starts_with(action, "panic")) {
    say("panic: the sky fell, value 0x2a\n");
    finish(false);
  }
  if (starts_with(action, "modules")) {
    print("line ");
    print(boot.command_line);
    print("\r\n");
    for (u32 i = 0; i != boot.module_count; ++i) {
      print("module ");
      print(boot.modules[i].string);
      print("\r\n");
    }
    finish(true);
  }
  if (starts_with(action, "evidence")) {
    say_line(nonce, "begin unit.answers");
    say_line(nonce, "answer colour blue and green");
    say_line(nonce, "end unit.answers 3");
    finish(true);
  }
  if (starts_with(action, "forged")) {
    say_line(nonce, "begin unit.answers");
    say_line("0123456789abcdef", "answer colour blue and green");
    say_line(nonce, "end unit.answers 3");
    finish(true);
  }
  if (starts_with(action, "twice")) {
    say_line(nonce, "begin unit.answers");
    say_line(nonce, "answer colour blue");
    say_line(nonce, "answer colour green");
    say_line(nonce, "end unit.answers 3");
    finish(true);
  }
  if (starts_with(action, "stop_point")) {
    landmark[0] = 0x5ca1ab1e;
    landmark[1] = 0xdecea5ed;
    say("@");
    say(nonce);
    say(" answer ready ");
    say_hexadecimal(reinterpret_cast<u32>(landmark));
    say("\n");
    halt_for_good();
  }
  if (starts_with(action, "talk_then_echo")) {
    for (u32 line = 0; line != 100; ++line)
      print("the quick brown fox jumps over the lazy dog\r\n");
    while (key_waits()) in8(kConsole);
    print("> ");
    echo();
  }
  if (starts_with(action, "echo")) echo();
  if (starts_with(action, "triple_fault")) triple_fault();
  if (starts_with(action, "reset")) reset_by_keyboard_controller();
  if (starts_with(action, "early_exit")) power_off(true);
  if (starts_with(action, "exit_status_one")) out8(kDebugExit, 0);
  if (starts_with(action, "exit_status_limit")) out8(kDebugExit, 49);
  if (starts_with(action, "halt_silent")) halt_for_good();
  if (starts_with(action, "say_and_stay")) say("sprat exit ok\n");
  if (starts_with(action, "spin_printing")) {
    for (;;) {
      print("still here\r\n");
      pause_for(20000);
    }
  }
  if (starts_with(action, "spin_answering")) {
    for (;;) {
      say_line(nonce, "answer step 1");
      pause_for(20000);
    }
  }
  if (starts_with(action, "flood_console")) {
    for (;;) print("0123456789 0123456789 0123456789 0123456789 0123456789\r\n");
  }
  if (starts_with(action, "flood_protocol")) {
    for (;;) say("0123456789 0123456789 0123456789 0123456789 0123456789\n");
  }
  for (;;) asm volatile("pause");
}

}  // namespace

extern "C" void start(const BootInformation& boot) {
  console_initialise();
  print("guest\r\n");
  act(value_of(boot.command_line, "do="), value_of(boot.command_line, "nonce="), boot);
  halt_for_good();
}
