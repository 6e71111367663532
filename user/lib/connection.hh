// connection.hh — a channel to a process on any core, which init arranges.
//
//   server   co_await listen(); each client: co_await connection.accept();
//   client   co_await connection.connect(core, "server");
//   both     co_await connection.channel.send(...), receive()
//
// When either process closes its end, or ends, the other's channel says peer_gone.

#pragma once

#include <string_view>

#include "lib/caps.hh"
#include "lib/channel.hh"

namespace sprat {

// From now on others may connect to this process's name.
Result<void> listen();

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(); }

  // Connects to the process `name` on core `core`; waits until init has found it, and if it has just begun until it listens.
  //   not_found       there is no such core, or no process of that name listens there
  //   out_of_memory   either side has as many channels as it may have, or no memory for one more
  Task<> connect(std::uint64_t core, std::string_view name);

  // Waits until somebody has connected.  out_of_memory
  Task<> accept();

  // Ends it on this side.
  void close();

  Channel channel;  // open from then on

 private:
  Task<> open(std::uint64_t number);
  Result<void> map(const urpc::Side side);

  std::uint64_t number_ = 0;  // init's; 0: none
  std::size_t place_ = 0;     // where the frame is mapped, if `frame_` is one
  Cap<Type::frame> frame_;
  Cap<Type::irq> peers_bell_;
};

}  // namespace sprat
