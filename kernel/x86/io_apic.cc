// io_apic.cc — two registers in memory, one to say which register is meant and one to reach it by.

#include "x86/io_apic.hh"

#include "x86/local_apic.hh"

namespace sprat::x86 {
namespace {

constexpr unsigned kVersion = 1;
constexpr unsigned kFirstRedirection = 0x10;  // two registers for each pin

constinit volatile std::uint32_t* registers = nullptr;
constinit unsigned pins = 0;
constinit LineRoutes routes{};

using Redirection = Bits<redirection::layout>;

volatile std::uint32_t& select(unsigned number) {
  constexpr std::size_t kSelect = 0x00 / sizeof(std::uint32_t);
  constexpr std::size_t kWindow = 0x10 / sizeof(std::uint32_t);
  registers[kSelect] = number;
  return registers[kWindow];
}

void set_redirection(unsigned pin, Redirection value) {
  select(kFirstRedirection + 2 * pin) = value.raw();
}

void route(unsigned line, bool masked) {
  if (line >= interrupt_lines() || routes[line].pin >= pins) return;
  set_redirection(routes[line].pin, Redirection()
                                        .with<redirection::vector>(vector_of(line))
                                        .with<redirection::active_low>(routes[line].active_low)
                                        .with<redirection::level>(routes[line].level_triggered)
                                        .with<redirection::masked>(masked));
}

}  // namespace

void initialise_io_apic(VirtualAddress mapped_registers, const LineRoutes& line_routes) {
  registers = reinterpret_cast<volatile std::uint32_t*>(mapped_registers.value());
  routes = line_routes;
  pins = 1 + Bits<io_apic_version::layout>(select(kVersion)).get<io_apic_version::last_pin>();
  for (unsigned pin = 0; pin < pins; ++pin) {
    set_redirection(pin, Redirection().with<redirection::masked>());
    select(kFirstRedirection + 2 * pin + 1) =
        Bits<redirection::high_layout>().with<redirection::destination>(local_apic_id()).raw();
  }
}

unsigned interrupt_lines() { return registers == nullptr ? 0 : kInterruptLines; }

void unmask_line(unsigned line) { route(line, false); }

void mask_line(unsigned line) { route(line, true); }

}  // namespace sprat::x86
