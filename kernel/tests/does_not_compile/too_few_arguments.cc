// expect: format_text_does_not_fit_its_arguments

#include "debug/format.hh"

using namespace sprat;

void print(std::string_view);
void test() {
BROKEN debug::format(print, "{} and {}", 1);
}
