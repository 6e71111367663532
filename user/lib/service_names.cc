// service_names.cc — a name in two words, and the requests.

#include "lib/service_names.hh"

#include <cstring>

#include "lib/connection.hh"
#include "lib/runtime.hh"

namespace sprat {

Result<Words> ask_about(ServiceRequest request, std::string_view text) {
  const ProcessName name = TRY(service_name(text));
  Words words{static_cast<std::uint64_t>(request)};
  std::memcpy(&words[1], name.data(), name.size());
  return TRY(ask(kMonitor, words)).words;
}

Result<ProcessName> service_name(std::string_view text) {
  ProcessName name{};
  if (text.empty() || text.size() > name.size() || text.find('\0') != std::string_view::npos)
    return Error::invalid_argument;
  text.copy(name.data(), name.size());
  return name;
}

Task<> publish(std::string_view name) {
  if (const auto ready = be_reachable(); !ready) co_return ready;
  for (;;) {
    const auto published = ask_about(ServiceRequest::publish, name);
    if (published) co_return {};
    if (published.error() != Error::again) co_return published.error();
    co_await runtime().loop.sources().signalled();
  }
}

Result<void> withdraw(std::string_view name) {
  TRY(ask_about(ServiceRequest::withdraw, name));
  return {};
}

Result<Publisher> look_up(std::string_view name) {
  const Words words = TRY(ask_about(ServiceRequest::look_up, name));
  return Publisher{words[0], words[1], TRY(service_name(name))};
}

Result<Publisher> nth_service(std::uint64_t n) {
  const auto answer = TRY(ask(kOwnCore, {static_cast<std::uint64_t>(ServiceRequest::service), n}));
  Publisher service{answer.words[0], answer.words[1], {}};
  std::memcpy(service.name.data(), &answer.words[2], service.name.size());
  return service;
}

}  // namespace sprat
