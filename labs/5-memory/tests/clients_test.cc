// clients_test.cc — exercise 2: no process has more RAM than its limit, or its parent's.

#include <algorithm>
#include <map>

#include "lab/trial.hh"

using sprat::grading::bare;
using sprat::grading::Trial;

namespace {

struct Name {
  std::uint64_t number = 0, place = 0;
  auto operator<=>(const Name&) const = default;
  std::string text() const { return bare(number) + " " + bare(place); }
};

struct Client {
  Name parent;
  std::uint64_t limit = 0, taken = 0;
  bool is_root = false;
};

constexpr std::uint64_t kMostClients = 33;

class Clients {
 public:
  explicit Clients(Trial& trial) : trial_(trial) {
    trial.expect_equal("new", "ok", trial.ask("clients new"));
  }

  std::uint64_t left(const Name& name) const {
    const Client& client = clients.at(name);
    const std::uint64_t own = client.limit - client.taken;
    return client.is_root ? own : std::min(own, left(client.parent));
  }
  void add(const Name& name, std::uint64_t bytes) {
    Client& client = clients.at(name);
    client.taken += bytes;
    if (!client.is_root) add(client.parent, bytes);
  }

  void begin(const Name& name, const Name& parent, std::uint64_t limit, std::uint64_t spent) {
    std::string right = "ok";
    if (name.place >= kMostClients)
      right = "error invalid_argument";
    else if (place_is_taken(name.place))
      right = "error in_use";
    else if (name != parent && !clients.contains(parent))
      right = "error invalid_argument";
    else if (spent > limit || (name != parent && spent > left(parent)))
      right = "error quota_exceeded";
    if (right == "ok") {
      clients[name] = {parent, limit, 0, name == parent};
      add(name, spent);
    }
    trial_.expect_equal("begin", right,
                        trial_.ask("clients begin " + name.text() + " " + parent.text() + " " +
                                   bare(limit) + " " + bare(spent)));
    check();
  }

  // The children are its parent's now.
  void end(const Name& name) {
    const Client gone = clients.at(name);
    std::uint64_t of_children = 0;
    for (auto& [other, client] : clients)
      if (client.parent == name && other != name) of_children += client.taken;
    add(name, of_children - gone.taken);
    for (auto& [other, client] : clients) {
      if (client.parent != name || other == name) continue;
      client.parent = gone.is_root ? other : gone.parent;
      client.is_root = gone.is_root;
    }
    clients.erase(name);
    trial_.expect_equal("end", "ok", trial_.ask("clients end " + name.text()));
    trial_.expect_equal("left of a client that has ended", "none",
                        trial_.ask("clients left " + name.text()));
    check();
  }

  void take(const Name& name, std::uint64_t bytes) {
    add(name, bytes);
    trial_.expect_equal("take", "ok",
                        trial_.ask("clients take " + name.text() + " " + bare(bytes)));
    check();
  }
  void give_back(const Name& name, std::uint64_t bytes) {
    add(name, -bytes);
    trial_.expect_equal("give-back", "ok",
                        trial_.ask("clients give-back " + name.text() + " " + bare(bytes)));
    check();
  }

  Name any() const {
    auto place = clients.begin();
    std::advance(place, trial_.below(clients.size()));
    return place->first;
  }

  std::map<Name, Client> clients;

 private:
  bool place_is_taken(std::uint64_t place) const {
    for (const auto& [name, client] : clients)
      if (name.place == place) return true;
    return false;
  }
  void check() {
    for (const auto& [name, client] : clients)
      trial_.expect_equal("left of client " + name.text(), bare(left(name)),
                          trial_.ask("clients left " + name.text()));
  }

  Trial& trial_;
};

}  // namespace

LAB_TEST(clients, no_client_has_more_than_its_limit_or_its_parents, "host") {
  for (int round = 0; round < 6; ++round) {
    Clients clients(trial);
    const Name monitor{};
    clients.begin(monitor, monitor, ~std::uint64_t{0} >> 1, 0);
    std::map<Name, std::uint64_t> own;
    std::uint64_t next = 1;
    for (int event = 0; event < 60; ++event) {
      const Name name = clients.any();
      switch (trial.below(4)) {
        case 0: {
          const Name child{
              next++, trial.below(8) == 0 ? kMostClients - 1 + trial.below(3) : trial.below(12)};
          const Name parent = trial.below(8) == 0 ? Name{next + 5, 3} : name;
          const std::uint64_t limit = trial.below(64);
          clients.begin(child, parent, limit,
                        trial.below(3) == 0 ? limit + trial.below(2) : trial.below(limit + 1));
          break;
        }
        case 1: {
          const std::uint64_t bytes = std::min<std::uint64_t>(clients.left(name), trial.below(20));
          clients.take(name, bytes);
          own[name] += bytes;
          break;
        }
        case 2:
          clients.give_back(name, own[name]);
          own[name] = 0;
          break;
        default:
          if (name != monitor && own[name] == 0) clients.end(name);
      }
    }
  }
}
