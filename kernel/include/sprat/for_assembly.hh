// for_assembly.hh — how offsets and other numbers get from C++ to assembly: each folder with assembly that needs some has a
// file assembly.cc, with a list of them.
//
//   assembly.cc     FOR_ASSEMBLY(REGISTERS_RIP, offsetof(Registers, rip));     never linked: the Makefile compiles it to text, and
//   assembly.hh     #define REGISTERS_RIP 136                                  makes of its lines a header, in the build folder
//   trap_entry.S    #include "sprat/assembly.hh"

#pragma once

#include <cstdint>

// Passes the value of a constant expression on to assembly, as a decimal number. For the body of a function.
#define FOR_ASSEMBLY(NAME, VALUE)                                                \
  do {                                                                           \
    constexpr auto value_for_assembly = static_cast<std::int64_t>(VALUE);        \
    asm volatile(".ascii \"#define " #NAME " %0\"" : : "i"(value_for_assembly)); \
  } while (false)
