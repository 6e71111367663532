// expect: this field can only be read

#include "x86/uart.hh"

using namespace sprat;

BROKEN auto status = x86::LineStatus().with<x86::line_status::data_ready>();
