// connection.hh — a link (link.hh) to a process on any core, which the monitor makes: by URPC to another core, by LRPC on this
// one.
//
//   server   listen(); each client: co_await connection.accept();
//   client   co_await connection.connect(core, "server");
//   both     co_await connection.use([](auto& link) { return converse(link); });
//
//   template <Link AnyLink>
//   Task<> converse(AnyLink& link) { … co_await link.send(…), link.receive(), Peer<…>(link).call<…>(…) … }
//
// When either process closes its end, or ends, the other's link says peer_gone.

#pragma once

#include <string_view>

#include "lib/caps.hh"
#include "lib/channel.hh"
#include "lib/channel_requests.hh"
#include "lib/lrpc_link.hh"

namespace sprat {

// From now on others may connect to this process's name.
Result<void> listen();

// Gives the monitor all by which it and peers reach this process, if it has not done so yet: before a request whose answer the
// doorbell of this process announces.
Result<void> be_reachable();

//@ since monitor
// A process of any core: a core's numbers are given once, until it stops.
struct ProcessId {
  std::uint64_t core = 0, number = 0;
  bool operator==(const ProcessId&) const = default;
};

//@ end
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(); }

  // Connects to the process `name` on core `core`; waits until the monitor has found it, and if it has just begun until it listens.
  //   not_found       there is no such core, or no process of that name listens there
  //   out_of_memory   either side has as many channels as it may have, or no memory for one more
  Task<> connect(std::uint64_t core, std::string_view name);

  //@ since monitor
  // The same for the process that has published `service` (service_names.hh), on whichever core it is.
  //   not_found   none has
  //   peer_gone   its core has stopped meanwhile
  Task<> connect(std::string_view service);

  // The same for a process by its number.  not_found: there is none of that number
  Task<> connect(const ProcessId& process);

  // The process at the other end, as the monitors say; of a connection that is open.
  const ProcessId& peer() const { return peer_; }

  //@ end
  // Waits until another process has connected.
  //   out_of_memory   for this one, which gets peer_gone; the next can be accepted
  Task<> accept();

  // Ends it on this side.
  void close();

  //@ since monitor
  // The monitor's number of it; 0: it is not connected.
  std::uint64_t number() const { return number_; }

  //@ end
  // Returns the link to a process of another core; closed if it is one to this core's.
  Channel& channel() { return channel_; }

  // Returns function(link), where the link is a Channel or an LrpcLink and lasts as long as the connection.
  template <class Function>
  auto use(Function function) {
    return lrpc_link_.is_open() ? function(lrpc_link_) : function(channel_);
  }

 private:
  Task<> open(std::uint64_t number);
  Result<void> begin(const urpc::View& view, Transport transport);
  Result<std::span<urpc::Line>> map();
  Result<urpc::View> view_of(urpc::Side side);

  std::uint64_t number_ = 0;  // the monitor's; 0: none
  //@ since monitor
  ProcessId peer_;
  //@ end
  bool is_mapped_ = false;
  std::size_t place_ = 0;  // where the frame is mapped
  Cap<Type::frame> frame_;
  Cap<Type::irq> peers_doorbell_;
  Cap<Type::endpoint> peers_endpoint_;  // on this core
  Channel channel_;
  LrpcLink lrpc_link_;
};

}  // namespace sprat
