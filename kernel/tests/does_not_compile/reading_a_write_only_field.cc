// expect: this field can only be written

#include "x86/uart.hh"

using namespace sprat;

BROKEN auto enable = x86::FifoControl().get<x86::fifo_control::enable>();
