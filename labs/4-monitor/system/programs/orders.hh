// orders.hh — the program `answerer`: it accepts all processes that connect, and does what they order. And its callers.

#pragma once

#include "grading/guest/sequence.hh"
#include "interfaces/peer.hh"
#include "lib/connection.hh"

namespace sprat::probe {

enum class Deed : std::uint8_t {
  mix,      // a number: gives another, which depends on the core of the answerer
  reach,    // a core and a number: connects to the answerer there, and orders mix
  hold,     // the same, and keeps the connection
  held,     // a number: orders mix by the connection that is kept
  clients,  // how many others are connected to it
  lines,    // what its monitor has posted
  run,  // a core and a number: starts `mixer` there with that number, and gives the number of the process
  leave,  // the process ends
};

struct Order {
  Deed what;
  std::uint64_t a, b;
};
struct Done {
  std::uint64_t number;
};

inline constexpr Reply done{"done", 1, field("number", &Done::number)};
inline constexpr Rpc order{"order",
                           2,
                           done,
                           field("what", &Order::what, Deed::leave),
                           field("a", &Order::a),
                           field("b", &Order::b)};
inline constexpr Interface<done, order> orders{"orders"};

inline std::uint64_t mix(std::uint64_t core, std::uint64_t number) {
  return evidence::Sequence(number ^ core << 48).next();
}

// A connection to a process that takes orders.
class Caller {
 public:
  Task<> connect(std::uint64_t core, std::string_view name) {
    return connection_.connect(core, name);
  }
  Task<std::uint64_t> order(Order wanted);
  void close() { connection_.close(); }

 private:
  Connection connection_;
};

// Lets others connect, and does what they order, for ever.
void take_orders();

}  // namespace sprat::probe
