// kernel_port.cc — evidence of tests in the kernel, which may write to the debug port itself.

#include "grading/guest/evidence.hh"
#include "x86/io.hh"

void sprat::evidence::write(std::string_view text) { x86::debug_write(text); }
