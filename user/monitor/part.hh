// part.hh — parts of a monitor: each handles requests of its own, and is told of processes and cores. A lab adds a part without a
// change to the others.

#pragma once

#include "lib/processes.hh"
#include "monitor/receive_slot.hh"
#include "sprat/first_process.hh"
//@ since monitor
#include "urpc/message.hh"
//@ end

namespace sprat::monitor {

struct Process;

class Part {
 public:
  Part() = default;
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  // Makes ready; once, before any other core or process is started. A part that fails prints so.
  virtual void prepare() {}

  // Returns the quota that its tables are worth, all together.
  virtual Quota quota() const { return {}; }

  // Prepares the start of core `core`: may write to the header of its package. With an error, the core is not started.
  virtual Result<void> before_start(std::uint32_t core, std::uint32_t apic_id,
                                    CorePackage& header) {
    return {};
  }

  // Handles a request that `caller` makes for itself. The capability that came along, if one did, is in `received`.
  //   invalid_argument   the request is not one of this part's
  virtual Result<Answer> handle(Process& caller, const Call& call, ReceiveSlot& received) {
    return Error::invalid_argument;
  }

  // Handles a request of a caller that has authority over this core.
  //   invalid_argument   the request is not one of this part's
  virtual Result<Words> handle_for_core(const Call& call, ReceiveSlot& received) {
    return Error::invalid_argument;
  }

  // Handles a request about the process `number`, which is not one of this core, by an endpoint that stands for it.
  //   not_found   it has ended, or this part knows none of that number
  virtual Result<Words> handle_about(std::uint64_t number, const Call& call,
                                     ReceiveSlot& received) {
    return Error::not_found;
  }

  //@ since monitor
  // Handles a line that another core's monitor has sent, if it is one of this part's.
  virtual void take_line(std::uint32_t from, const urpc::Message<>& line) {}

  // Whether something here waits for core `core`, or shares a channel with it: its death must be noticed.
  virtual bool needs(std::uint32_t core) const { return false; }

  // Core `core` is dead: ends all that waits for it, and all that was shared with it. Must not wait for another core.
  virtual void core_ended(std::uint32_t core) {}

  // The machine is about to be turned off.
  virtual void before_power_off() {}

  //@ end
  // Releases all that it keeps for `process`, which does not run any more and still has its number and account.
  virtual void before_end(const Process& process) {}

  // Adds the number of entries in its tables.
  virtual void count(Census& census) const {}

  // Returns the census of another core.
  //   again       that core is being asked; it has answered when this is asked again some time later
  //   not_found   this part knows no such core
  virtual Result<Census> census_of(std::uint64_t core) { return Error::not_found; }

 protected:
  ~Part() = default;

 private:
  friend class Parts;
  Part* next_ = nullptr;
};

// All parts of a monitor: does for each of them what its name says in Part.
class Parts {
 public:
  // Adds a part, before all that were added earlier.
  void add(Part& part) {
    part.next_ = first_;
    first_ = &part;
  }

  void prepare() const {
    for (Part* part = first_; part != nullptr; part = part->next_) part->prepare();
  }

  Quota quota() const {
    Quota sum;
    for (const Part* part = first_; part != nullptr; part = part->next_) sum = sum + part->quota();
    return sum;
  }

  Result<void> before_start(std::uint32_t core, std::uint32_t apic_id, CorePackage& header) const {
    for (Part* part = first_; part != nullptr; part = part->next_)
      TRY(part->before_start(core, apic_id, header));
    return {};
  }

  // The first part that knows the request handles it.
  Result<Answer> handle(Process& caller, const Call& call, ReceiveSlot& received) const {
    Result<Answer> answer = Error::invalid_argument;
    for (Part* part = first_; part != nullptr; part = part->next_) {
      answer = part->handle(caller, call, received);
      if (answer || answer.error() != Error::invalid_argument) break;
    }
    return answer;
  }

  Result<Words> handle_for_core(const Call& call, ReceiveSlot& received) const {
    Result<Words> words = Error::invalid_argument;
    for (Part* part = first_; part != nullptr; part = part->next_) {
      words = part->handle_for_core(call, received);
      if (words || words.error() != Error::invalid_argument) break;
    }
    return words;
  }

  Result<Words> handle_about(std::uint64_t number, const Call& call, ReceiveSlot& received) const {
    Result<Words> words = Error::not_found;
    for (Part* part = first_; part != nullptr; part = part->next_) {
      words = part->handle_about(number, call, received);
      if (words || words.error() != Error::not_found) break;
    }
    return words;
  }

  //@ since monitor
  void take_line(std::uint32_t from, const urpc::Message<>& line) const {
    for (Part* part = first_; part != nullptr; part = part->next_) part->take_line(from, line);
  }

  bool needs(std::uint32_t core) const {
    for (const Part* part = first_; part != nullptr; part = part->next_)
      if (part->needs(core)) return true;
    return false;
  }

  void core_ended(std::uint32_t core) const {
    for (Part* part = first_; part != nullptr; part = part->next_) part->core_ended(core);
  }

  void before_power_off() const {
    for (Part* part = first_; part != nullptr; part = part->next_) part->before_power_off();
  }

  //@ end
  void before_end(const Process& process) const {
    for (Part* part = first_; part != nullptr; part = part->next_) part->before_end(process);
  }

  void count(Census& census) const {
    for (const Part* part = first_; part != nullptr; part = part->next_) part->count(census);
  }

  Result<Census> census_of(std::uint64_t core) const {
    Result<Census> census = Error::not_found;
    for (Part* part = first_; part != nullptr; part = part->next_) {
      census = part->census_of(core);
      if (census || census.error() != Error::not_found) break;
    }
    return census;
  }

 private:
  Part* first_ = nullptr;
};

}  // namespace sprat::monitor
