// doorbell.cc — the way into the kernel that a bell takes.

#include "lib/channel.hh"
#include "lib/system_call.hh"

void sprat::Doorbell::operator()() const {
  trace<Event::ring>(this);
  static_cast<void>(invoke(irq, Method::signal, line));
}
