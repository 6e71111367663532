// main.cc — prints the layouts of registers, tables and shared words as JSON, so that pictures are drawn from the very
// declarations that the code is compiled from. Each lab's are in a file of its own (layouts.hh).

#include "handouts/tools/layouts/layouts.hh"

int main() {
  std::printf("{");
  layouts::print_all();
  std::puts("\n}");
}
