// services.hh — the part of the monitor for names of services (lib/service_names.hh): which processes of this core have, or want,
// which names. All cores agree on them (agreement/names.hh); each looks them up in its own table.
//
//   process A            monitor
//      ├─ publish "x" ────▶│ a record; one record after the other:
//      │◀──────── again ───┤
//                          ├─ propose, vote, decide, done ── all other monitors
//      │◀────── doorbell ──┤
//      ├─ publish "x" ────▶│
//      │◀─────────── yes ──┤
//
//      ends                │ the record stays until no core has the name
//                          ├─ decide, done ── all other monitors

#pragma once

#include "agreement/names.hh"
#include "monitor/broker.hh"
#include "monitor/part.hh"

namespace sprat::monitor {

class Services final : public Part, private agreement::ViewObserver {
 public:
  // A name counts as a channel in its process's account: so there is a record for each.
  static constexpr std::size_t kMostRecords = Broker::kMaxChannels;
  static constexpr Quota kCostOfName{.channels = 1};

  // All must outlive it.
  Services(agreement::Member& member, agreement::Names& names, Broker& broker)
      : member_(member), names_(names), broker_(broker) {
    member.observe(*this);
  }

  void prepare() override;
  Result<Answer> handle(Process& caller, const Call& call, ReceiveSlot& received) override;
  Result<Words> handle_for_core(const Call& call, ReceiveSlot& received) override;
  void before_end(const Process& process) override;
  void count(Census& census) const override;

 private:
  struct Record {
    enum class State : std::uint8_t { free, wanted, failed, published, unwanted };
    State state = State::free;
    Error error{};
    std::uint64_t process = 0;
    agreement::Name name;
    Charge charge;
  };

  Record* find(const Process& process, const agreement::Name& name);
  Result<Answer> publish(Process& caller, const agreement::Name& name);
  Result<Answer> withdraw(const Process& caller, const agreement::Name& name);
  Result<Answer> look_up(const agreement::Name& name) const;
  Result<Answer> connect(Process& caller, const agreement::Name& name);
  void give_up(Record& record);

  class NextRecord;  // co_await NextRecord(*this): until a record is wanted or unwanted
  Record* next();
  void wake();
  Task<> work();
  Task<> carry_out(Record& record);

  // ViewObserver: records wait until this core has joined.
  void prepare(const agreement::Prepare&) override {}
  void commit(const agreement::Commit&) override { wake(); }

  const agreement::Member& member_;
  agreement::Names& names_;
  Broker& broker_;
  std::array<Record, kMostRecords> records_{};
  std::size_t last_ = 0;  // place of the record that was carried out last
  Waiter idle_;
  Task<> working_;
};

}  // namespace sprat::monitor
