// services.cc — requests change records; one coroutine has the other cores agree to that, for one record after the other.

#include "monitor/services.hh"

#include <algorithm>
#include <cstring>

#include "lib/console.hh"
#include "lib/runtime.hh"
#include "lib/service_names.hh"
#include "lib/words.hh"

namespace sprat::monitor {
namespace {

// The name in two words of a request; a name ends with its 16th byte, or before a zero.
Result<agreement::Name> name_in(const Call& call) {
  ProcessName text;
  std::memcpy(text.data(), &call.words[1], text.size());
  const std::string_view view = until_zero({text.data(), text.size()});
  if (view.empty()) return Error::invalid_argument;
  agreement::Name name;
  TRY(name.assign(view));
  return name;
}

}  // namespace

// ---- requests

Result<Answer> Services::handle(Process& caller, const Call& call, ReceiveSlot&) {
  switch (static_cast<ServiceRequest>(call.words[0])) {
    case ServiceRequest::publish: return publish(caller, TRY(name_in(call)));
    case ServiceRequest::withdraw: return withdraw(caller, TRY(name_in(call)));
    case ServiceRequest::look_up: return look_up(TRY(name_in(call)));
    case ServiceRequest::connect_to: return connect(caller, TRY(name_in(call)));
    default: return Error::invalid_argument;
  }
}

Result<Words> Services::handle_for_core(const Call& call, ReceiveSlot&) {
  if (static_cast<ServiceRequest>(call.words[0]) != ServiceRequest::service)
    return Error::invalid_argument;
  const auto [name, found] = TRY(names_.nth(call.words[1]));
  Words words{found.owner, found.service.process};
  std::memcpy(&words[2], name.text().data(), name.text().size());
  return words;
}

Services::Record* Services::find(const Process& process, const agreement::Name& name) {
  for (Record& record : records_) {
    const bool is_kept =
        record.state != Record::State::free && record.state != Record::State::unwanted;
    if (is_kept && record.process == process.number && record.name == name) return &record;
  }
  return nullptr;
}

Result<Answer> Services::publish(Process& caller, const agreement::Name& name) {
  if (Record* const record = find(caller, name)) {
    if (record->state == Record::State::published) return Answer{};
    if (record->state == Record::State::wanted) return Error::again;
    const Error error = record->error;
    *record = Record();
    return error;
  }
  Record* const record = std::ranges::find(records_, Record::State::free, &Record::state);
  if (record == records_.end()) return Error::out_of_memory;
  record->charge = TRY(Charge::take(caller.account, kCostOfName));
  record->process = caller.number;
  record->name = name;
  record->state = Record::State::wanted;
  wake();
  return Error::again;
}

Result<Answer> Services::withdraw(const Process& caller, const agreement::Name& name) {
  Record* const record = find(caller, name);
  if (record == nullptr) return Error::not_found;
  give_up(*record);
  return Answer{};
}

Result<Answer> Services::look_up(const agreement::Name& name) const {
  const auto found = TRY(names_.look_up(name));
  return Answer{{}, {found.owner, found.service.process}};
}

Result<Answer> Services::connect(Process& caller, const agreement::Name& name) {
  const auto found = TRY(names_.look_up(name));
  BindMessage wanted;
  wanted.process = found.service.process;
  return broker_.connect(caller, found.owner, wanted);
}

void Services::give_up(Record& record) {
  if (record.state == Record::State::failed) {
    record = Record();
  } else {
    record.state = Record::State::unwanted;
    wake();
  }
}

// A name costs its owner's parent from now on, until no core has it.
void Services::before_end(const Process& process) {
  for (Record& record : records_) {
    record.charge.move_up_from(process.account);
    const bool is_its = record.state != Record::State::free && record.process == process.number;
    if (is_its && record.state != Record::State::unwanted) give_up(record);
  }
}

void Services::count(Census& census) const {
  census.channels += static_cast<std::uint32_t>(
      records_.size() - std::ranges::count(records_, Record::State::free, &Record::state));
}

// ---- agreement

class Services::NextRecord {
 public:
  explicit NextRecord(Services& services) : services_(services) {}
  bool await_ready() const { return services_.next() != nullptr; }
  void await_suspend(std::coroutine_handle<> waiting) { services_.idle_.coroutine = waiting; }
  Record& await_resume() const { return *services_.next(); }

 private:
  Services& services_;
};

// A name that goes comes first: it may be wanted again. Else one after the other, so that none waits for ever.
Services::Record* Services::next() {
  if (member_.incarnation() == 0) return nullptr;
  const auto unwanted = std::ranges::find(records_, Record::State::unwanted, &Record::state);
  if (unwanted != records_.end()) return &*unwanted;
  for (std::size_t i = 1; i <= records_.size(); ++i) {
    Record& record = records_[(last_ + i) % records_.size()];
    if (record.state == Record::State::wanted) return &record;
  }
  return nullptr;
}

void Services::wake() {
  if (idle_.coroutine && next() != nullptr) runtime().loop.make_ready(idle_);
}

void Services::prepare() {
  working_ = work();
  runtime().loop.start(working_);
}

Task<> Services::work() {
  for (;;) {
    Record& record = co_await NextRecord(*this);
    idle_.coroutine = {};
    last_ = static_cast<std::size_t>(&record - records_.data());
    const auto done = co_await carry_out(record);
    if (!done) co_await runtime().loop.turn();  // perhaps for want of memory
  }
}

// A record that is given up meanwhile is unwanted when the name has been registered, and comes up again.
Task<> Services::carry_out(Record& record) {
  const agreement::Name name = record.name;
  if (record.state == Record::State::unwanted) {
    const auto removed = co_await names_.remove(name);
    if (removed || removed.error() == Error::not_found) record = Record();
    co_return removed;
  }
  const auto added = co_await names_.add(name, static_cast<std::uint32_t>(record.process));
  if (record.state == Record::State::wanted) {
    record.state = added ? Record::State::published : Record::State::failed;
    if (!added) record.error = added.error();
    broker_.signal(record.process);
  }
  co_return added;
}

}  // namespace sprat::monitor
