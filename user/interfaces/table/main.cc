// main.cc — interface-table: the messages of our interfaces as tables in Markdown, for handouts.

#include <cstdio>

#include "interfaces/echo.hh"
#include "interfaces/print.hh"

int main() {
  sprat::print_table<sprat::echo::interface>(
      [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); });
}
