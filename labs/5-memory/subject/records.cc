// records.cc — questions to the records of a server, over a simulated kernel (kernel.hh), and to the limits of its clients.
//
//   records new                   a server that has prepared its first chunk
//   records add BASE BITS         one more block of RAM
//   records allocate BITS         a request of a client, and the refill behind it
//   records release NUMBER        the same
//   records find NUMBER           -> block BASE BITS or none
//   records root-of ADDRESS       -> block BASE BITS or none
//   records fail N                in the next refill, the operation number N fails; 0: none does     -> done
//
// The first four are answered by a result, the operations of the request, those of the refill, and all that there is:
//
//   ok   or   error NAME   or   block BASE BITS NUMBER
//   request CALLS... refill CALLS...     (kernel.hh)
//   state RECORDS BYTES-FREE CAPABILITIES MAPPINGS
//
//   clients new
//   clients begin NUMBER PLACE NUMBER PLACE LIMIT SPENT      a client, its parent
//   clients end NUMBER PLACE          clients take NUMBER PLACE BYTES      clients give-back NUMBER PLACE BYTES
//   clients left NUMBER PLACE         -> BYTES or none, if there is no such client

#include "memory/records.hh"

#include <memory>

#include "kernel.hh"
#include "lib/runtime.hh"
#include "memory/clients.hh"
#include "subjects.hh"

namespace subject {
namespace {

using namespace sprat::memory;

constexpr std::uint64_t kOwnRam = 1 << 20;
constexpr unsigned kOwnRamBits = 20;

std::string text_of(const Block* block) {
  return block == nullptr ? "none" : "block " + hex(block->base) + " " + hex(block->bits);
}
std::string text_of(const Result<void>& done) {
  return done ? "ok" : std::string("error ") + name_of(done.error());
}

class RecordServer final : private BlockMemory {
 public:
  Result<void> prepare() {
    kernel().begin();
    const CapAddress own(2, 1);
    kernel().put(own, Type::ram, kOwnRam, kOwnRamBits);
    runtime().ram = RamSupply();
    static_cast<void>(runtime().ram.add(CapRef<Type::ram>(own)));
    return records_.prepare(runtime().ram, reserve_);
  }

  Result<void> add(std::uint64_t base, unsigned bits) {
    const CapAddress slot(3, ++roots_);
    kernel().put(slot, Type::ram, base, bits);
    Block& root = *TRY(records_.add_root());
    return buddy_.add(root, base, bits, slot);
  }

  std::string allocate(unsigned bits) {
    const auto made = buddy_.allocate(bits, client_);
    if (!made) return text_of(made.error());
    if (made.value() == nullptr) return "none";
    return text_of(made.value()) + " " + hex(records_.number_of(*made.value()));
  }

  std::string release(std::uint64_t number) {
    Block* const block = records_.find(number);
    const bool is_its = block != nullptr && block->state == Block::State::used;
    if (!is_its || block->owner != &client_) return "error not-the-clients";
    buddy_.release(*block);
    return "ok";
  }

  void refill() { records_.refill(buddy_, reserve_); }
  std::string find(std::uint64_t number) { return text_of(records_.find(number)); }
  std::string root_of(std::uint64_t address) { return text_of(records_.root_of(address)); }
  std::string state() const {
    return " state " + hex(reserve_.count()) + " " + hex(buddy_.bytes_free()) + " " +
           kernel().state();
  }

 private:
  Result<void> split(const Block& block, const Halves& halves) override {
    const Place place = place_of(halves.low.capability);
    return retype_into(place.cnode, place.slot, block.capability, Type::ram, block.bits - 1u, 2);
  }
  void merge(const Block&, const Halves& halves) override {
    static_cast<void>(sprat::remove(halves.low.capability));
    static_cast<void>(sprat::remove(halves.high.capability));
  }

  Reserve reserve_;
  Buddy buddy_{*this, reserve_};
  Records records_;
  Owner client_;
  std::size_t roots_ = 0;
};

std::unique_ptr<RecordServer> record_server;
std::size_t failure_in_refill = 0;

std::string request(const std::string& kind, Question& question) {
  if (kind == "new") {
    record_server = std::make_unique<RecordServer>();
    return text_of(record_server->prepare());
  }
  const std::uint64_t first = question.number();
  if (kind == "add")
    return text_of(record_server->add(first, static_cast<unsigned>(question.number())));
  if (kind == "allocate") return record_server->allocate(static_cast<unsigned>(first));
  return record_server->release(first);
}

}  // namespace

void answer_by_records(Question& question) {
  const std::string kind = question.word();
  if (record_server == nullptr && kind != "new") return say("error there-is-no-server");
  if (kind == "find") return say(record_server->find(question.number()));
  if (kind == "root-of") return say(record_server->root_of(question.number()));
  if (kind == "fail") {
    failure_in_refill = question.number();
    return say("done");
  }
  if (kind != "new" && kind != "add" && kind != "allocate" && kind != "release")
    return say("error unknown-question");
  std::string text = request(kind, question);
  text += " request" + kernel().take_calls() + " refill";
  kernel().fail_at(std::exchange(failure_in_refill, 0));
  if (kind == "allocate" || kind == "release") record_server->refill();
  kernel().fail_at(0);
  text += kernel().take_calls();
  say(text + record_server->state());
}

void answer_by_clients(Question& question) {
  static std::unique_ptr<Clients> clients;
  const std::string kind = question.word();
  if (kind == "new") {
    clients = std::make_unique<Clients>();
    return say("ok");
  }
  if (clients == nullptr) return say("error there-are-no-clients");
  const auto client_in = [&] {
    const std::uint64_t number = question.number();
    return MemoryClient{number, question.number()};
  };
  const MemoryClient name = client_in();
  if (kind == "begin") {
    const MemoryClient parent = client_in();
    const std::uint64_t limit = question.number();
    const auto begun = clients->begin(name, parent, limit, question.number());
    return say(begun ? "ok" : text_of(begun.error()));
  }
  Client* const client = clients->find(name);
  if (client == nullptr) return say("none");
  if (kind == "left") return say(hex(Clients::left(*client)));
  if (kind == "end") clients->end(*client);
  if (kind == "take") Clients::take(*client, question.number());
  if (kind == "give-back") Clients::give_back(*client, question.number());
  say("ok");
}

}  // namespace subject
