// service.cc — one call after the other.

#include "init/service.hh"

#include <cstring>

#include "lib/runtime.hh"
#include "lib/words.hh"

namespace sprat::init {

Task<> Service::serve() {
  for (;;) {
    const auto call = co_await runtime().loop.next_call();
    if (!call) co_return call.error();
    const auto words = answer_to(call.value());
    if (call.value().capability == receive_slot_) drop_capability();
    if (!words) {
      answer({status_of(words.error())});
    } else {
      const Words& w = words.value();
      answer({kStatusOk, w[0], w[1], w[2], w[3]}, given_);
    }
    given_ = {};
  }
}

Task<> Service::watch() {
  for (;;) processes_.report(co_await runtime().loop.notified(Processes::kReports));
}

// A slot in which the next capability will stand.
Result<void> Service::expect_capability() {
  const auto slot = take_slot();
  if (!slot) return slot.error();
  receive_slot_ = slot.value();
  receive_into(receive_slot_);
  return {};
}

// What came with the call.
//   no_capability, wrong_type   nothing came, or something else
template <Type kType>
Result<Cap<kType>> Service::take_received(const Call& call) {
  if (call.capability != receive_slot_) return Error::no_capability;
  const auto identity = identify(receive_slot_);
  if (!identity) return identity.error();
  if (identity.value().description.type != kType) return Error::wrong_type;
  Cap<kType> received(receive_slot_);
  if (const auto ready = expect_capability(); !ready) return ready.error();
  return received;
}

// Nobody wanted what came with the call.
void Service::drop_capability() { static_cast<void>(remove(receive_slot_)); }

// What is answered to a process that has ended reaches nobody.
Result<Words> Service::answer_to(const Call& call) {
  const std::uint64_t argument = call.words[1];
  switch (static_cast<Request>(call.words[0])) {
    case Request::exit: return end_process(call.badge);
    case Request::text: return add_text(call);
    case Request::run: return run(call);
    case Request::wait: return wait(call);
    case Request::kill: return end_process(argument);
    case Request::process: return describe_process(argument);
    case Request::core: return describe_core(argument);
    case Request::memory: return describe_memory();
    case Request::power_off: return power_off(call);
    case Request::offer: return offer(call);
    case Request::find: return find(call);
    //@ since urpc
    case Request::bell:
    case Request::endpoint:
    case Request::listen:
    case Request::connect:
    case Request::accept:
    case Request::channel:
    case Request::peers_bell:
    case Request::peers_endpoint:
    case Request::close:
      return ask_broker(call);
      //@ end
  }
  return Error::invalid_argument;
}

Result<Words> Service::end_process(std::uint64_t number) {
  const auto ended = processes_.end(number);
  if (!ended) return ended.error();
  return Words{};
}

Result<Words> Service::add_text(const Call& call) {
  if (writer_ != call.badge) text_ = {};
  writer_ = call.badge;
  const std::size_t length = std::strlen(text_.data());
  const std::size_t bytes = sizeof(call.words) - sizeof(call.words[0]);
  if (length + bytes >= text_.size()) {
    text_ = {};
    return Error::invalid_argument;
  }
  std::memcpy(text_.data() + length, &call.words[1], bytes);
  return Words{};
}

Result<Words> Service::run(const Call& call) {
  const auto text = std::exchange(text_, {});
  if (writer_ != call.badge) return Error::invalid_argument;
  const std::string_view command_line = until_zero({text.data(), text.size()});
  std::string_view rest = command_line;
  const auto file = find_file(process_, next_word(rest));
  if (!file) return file.error();
  const auto number = processes_.start(file.value(), command_line, false);
  if (!number) return number.error();
  return Words{number.value()};
}

Result<Words> Service::wait(const Call& call) {
  Process* const process = processes_.find(call.words[1]);
  if (process == nullptr) return Error::not_found;
  auto end = take_received<Type::notification>(call);
  if (!end) return end.error();
  process->end = std::move(end.value());
  return Words{};
}

Result<Words> Service::describe_process(std::uint64_t n) {
  Process* const process = processes_.nth(n);
  if (process == nullptr) return Error::not_found;
  const auto status = invoke(process->dispatcher.address(), Method::status);
  if (!status) return status.error();
  Words words{process->number, status.value()[0]};
  static_assert(sizeof(process->name) == 2 * sizeof(words[0]));
  std::memcpy(&words[2], process->name.data(), process->name.size());
  return words;
}

Result<Words> Service::describe_core(std::uint64_t n) {
  const auto core = cores_.nth(n);
  if (!core) return core.error();
  const auto& [number, apic_id, state] = core.value();
  return Words{number, apic_id, static_cast<std::uint64_t>(state)};
}

Result<Words> Service::describe_memory() {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process_.ram_regions; ++i) bytes += process_.ram[i].bytes;
  return Words{bytes, cores_.bytes(), processes_.bytes(),
               runtime().ram.bytes_made() - cores_.bytes() - processes_.bytes()};
}

Result<Words> Service::power_off(const Call& call) {
  const Process* const process = processes_.find(call.badge);
  if (process == nullptr || !process->may_power_off) return Error::no_rights;
  return invoke(task_slot(TaskSlot::kernel), Method::power_off, call.words[1]);
}

Result<Words> Service::offer(const Call& call) {
  Process* const process = processes_.find(call.badge);
  if (process == nullptr) return Error::not_found;
  auto service = take_received<Type::endpoint>(call);
  if (!service) return service.error();
  process->service = std::move(service.value());
  return Words{};
}

Result<Words> Service::find(const Call& call) {
  ProcessName name;
  std::memcpy(name.data(), &call.words[1], name.size());
  given_ = processes_.find_service(name).address();
  if (given_ == CapAddress()) return Error::not_found;
  return Words{};
}
//@ since urpc

Result<Words> Service::ask_broker(const Call& call) {
  Process* const asker = processes_.find(call.badge);
  if (asker == nullptr) return Error::not_found;
  const std::uint64_t argument = call.words[1];
  const auto answer = [&]() -> Result<Broker::Answer> {
    switch (static_cast<Request>(call.words[0])) {
      case Request::bell: {
        auto bell = take_received<Type::notification>(call);
        if (!bell) return bell.error();
        return broker_->set_bell(*asker, std::move(bell.value()));
      }
      case Request::endpoint: {
        auto endpoint = take_received<Type::endpoint>(call);
        if (!endpoint) return endpoint.error();
        asker->endpoint = std::move(endpoint.value());
        return Broker::Answer{};
      }
      case Request::listen: return broker_->listen(*asker);
      case Request::connect: {
        ProcessName name;
        std::memcpy(name.data(), &call.words[2], name.size());
        return broker_->connect(*asker, argument, name);
      }
      case Request::accept: return broker_->accept(*asker);
      case Request::channel: return broker_->channel(*asker, argument);
      case Request::peers_bell: return broker_->peers_bell(*asker, argument);
      case Request::peers_endpoint: return broker_->peers_endpoint(*asker, argument);
      case Request::close: return broker_->close(*asker, argument);
      default: return Error::invalid_argument;
    }
  }();
  if (!answer) return answer.error();
  given_ = answer.value().given;
  return answer.value().words;
}
//@ end

}  // namespace sprat::init
