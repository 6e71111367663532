// compute.cc — computes without end, and never gives its turn away.

#include "lib/program.hh"

int sprat::main(const Startup&) {
  for (;;) asm volatile("");
}
