// doorbell.cc — signals a doorbell by a system call.

#include "lib/channel.hh"
#include "lib/system_call.hh"

void sprat::Doorbell::operator()() const {
  trace<Event::ring>(this);
  static_cast<void>(invoke(irq, Method::signal, line));
}
