// expect: this layout has no such field

#include "x86/uart.hh"

using namespace sprat;

BROKEN auto parity = x86::LineStatus().get<x86::line_control::parity>();
