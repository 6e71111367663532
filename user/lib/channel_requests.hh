// channel_requests.hh — requests of a process to its monitor for channels to processes of all cores (connection.hh), by its own
// endpoint, as in processes.hh:
//
//              words: request, then                       answer: status, then
//   doorbell   —; a notification without a badge goes    —
//              along: my doorbell signals it from now on,
//              and the monitor does (kSignalled,
//              kSignalledByMonitor)
//   endpoint   —; an endpoint goes along, by which        —
//              processes of this core send me lines
//   listen     —: others may connect to my name           —
//   connect    core, 16 bytes of a process's name         channel, a number
//   accept     —                                          channel; `again`: none has connected
//   channel    channel                                    Side, bytes, Transport; the frame comes along; `again`: not bound yet
//   peers_doorbell channel                                —; one line of its core's comes along (Transport::urpc)
//   peers_endpoint channel                                —; the peer's, for lines of this channel, comes along
//                                                         (Transport::lrpc); `peer_gone`: the peer has ended
//   close      channel                                    —
//@ since monitor
//   connect_process core, number of a process             channel, a number
//   channel    also tells the peer: its core in the upper half of a word, the number of its process in the lower half
//@ end

#pragma once

#include "lib/processes.hh"

namespace sprat {

enum class ChannelRequest : std::uint8_t {
  doorbell = first_request::channels,
  endpoint,
  listen,
  connect,
  accept,
  channel,
  peers_doorbell,
  peers_endpoint,
  close,
  //@ since monitor
  connect_process,
  //@ end
};
//@ since monitor
static_assert(is_before(ChannelRequest::connect_process, first_request::console));
//@ end

// How a channel carries lines: by LRPC between two processes of a core, otherwise by URPC. The monitor decides, once for both ends.
enum class Transport : std::uint8_t { urpc, lrpc };

// Asks the monitor for this process itself; gives the words after the status.
inline Result<Words> ask_monitor(ChannelRequest request, std::uint64_t argument = 0,
                                 CapAddress capability = {}) {
  const auto answer =
      TRY(ask(kMonitor, {static_cast<std::uint64_t>(request), argument}, capability));
  return answer.words;
}

}  // namespace sprat
