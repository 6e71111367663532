// expect: format_text_does_not_fit_its_arguments

#include "sprat/text.hh"

using namespace sprat;

void print(std::string_view);
void test() {
BROKEN format(print, "{q}", 1);
}
