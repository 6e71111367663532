// urpc.cc — the words that decide about a line and about a sleep.

#include "handouts/tools/layouts/layouts.hh"
#include "urpc/sleep.hh"

namespace layouts {
namespace {

const Printer of_urpc([] {
  print(sprat::urpc::control::layout);
  print(sprat::urpc::status::layout);
});

}  // namespace
}  // namespace layouts
