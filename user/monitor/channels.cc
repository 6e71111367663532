// channels.cc — from requests of processes to the broker.

#include "monitor/channels.hh"

#include <cstring>

#include "lib/channel_requests.hh"
#include "lib/console.hh"

namespace sprat::monitor {

void Channels::prepare() {
  auto linked = links_.prepare(broker_, census_of_others_);
  if (linked && process_.core_id != 0) linked = links_.join();
  if (!linked)
    print("monitor core {}: no channels: {}\n", process_.core_id, name_of(linked.error()));
}

Quota Channels::quota() const { return Broker::kCostOfFirstEnd * Broker::kMaxChannels; }

Result<void> Channels::before_start(std::uint32_t core, std::uint32_t apic_id,
                                    CorePackage& header) {
  header.link = TRY(links_.add(core, apic_id));
  header.link_apic_id = process_.apic_id;
  return {};
}

//@ since monitor
void Channels::core_ended(std::uint32_t core) {
  links_.close(core);
  broker_.core_ended(core);
  census_of_others_.fail(core, Error::peer_gone);
}

//@ end
Result<Answer> Channels::handle(Process& caller, const Call& call, ReceiveSlot& received) {
  const std::uint64_t argument = call.words[1];
  switch (static_cast<ChannelRequest>(call.words[0])) {
    case ChannelRequest::doorbell: {
      const auto given = TRY(received.take<Type::notification>(call));
      return broker_.set_doorbell(caller, given);
    }
    case ChannelRequest::endpoint: {
      auto endpoint = TRY(received.take<Type::endpoint>(call));
      return broker_.set_endpoint(caller, std::move(endpoint));
    }
    case ChannelRequest::listen: return broker_.listen(caller);
    case ChannelRequest::connect: {
      BindMessage wanted;
      std::memcpy(wanted.name.data(), &call.words[2], wanted.name.size());
      return broker_.connect(caller, argument, wanted);
    }
    case ChannelRequest::accept: return broker_.accept(caller);
    case ChannelRequest::channel: return broker_.channel(caller, argument);
    case ChannelRequest::peers_doorbell: return broker_.peers_doorbell(caller, argument);
    case ChannelRequest::peers_endpoint: return broker_.peers_endpoint(caller, argument);
    case ChannelRequest::close: return broker_.close(caller, argument);
    //@ since monitor
    case ChannelRequest::connect_process: {
      BindMessage wanted;
      wanted.process = static_cast<std::uint32_t>(call.words[2]);
      if (wanted.process != call.words[2] || wanted.process == 0) return Error::not_found;
      return broker_.connect(caller, argument, wanted);
    }
      //@ end
  }
  return Error::invalid_argument;
}

}  // namespace sprat::monitor
