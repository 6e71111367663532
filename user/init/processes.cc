// processes.cc — a place for each process, a number, a piece of RAM.

#include "init/processes.hh"

#include <algorithm>
#include <cstring>

//@ since urpc
#include "init/broker.hh"
//@ end
#include "init/process_builder.hh"
#include "lib/console.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"

namespace sprat::init {
namespace {

// Texts end with a zero, whatever fits.
template <std::size_t kBytes>
std::array<char, kBytes> stored(std::string_view text) {
  std::array<char, kBytes> letters{};
  std::memcpy(letters.data(), text.data(), std::min(text.size(), kBytes - 1));
  return letters;
}

}  // namespace

Result<void> Processes::prepare() {
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  auto endpoint = retype<Type::endpoint>(self);
  if (!endpoint) return endpoint.error();
  auto notification = retype<Type::notification>(self);
  if (!notification) return notification.error();
  endpoint_ = std::move(endpoint.value());
  notification_ = std::move(notification.value());
  return {};
}

Result<std::uint64_t> Processes::start(const BootFile& file, std::string_view command_line,
                                       bool has_console) {
  const auto place =
      std::find_if(list_.begin(), list_.end(), [](const Process& p) { return p.number == 0; });
  if (place == list_.end()) return Error::out_of_memory;
  if (!place->ram) {
    auto ram = runtime().ram.make<Type::ram>(kProcessBits);
    if (!ram) return ram.error();
    place->ram = std::move(ram.value());
  }
  place->number = ++last_number_;
  place->name = stored<sizeof(place->name)>(file.name());
  place->may_power_off = has_console;
  const auto index = static_cast<std::size_t>(place - list_.begin());
  if (const auto built = build(*place, index, file, command_line, has_console); !built) {
    clear(*place);
    return built.error();
  }
  return place->number;
}

Result<void> Processes::build(Process& process, std::size_t index, const BootFile& file,
                              std::string_view command_line, bool has_console) {
  const auto bytes = contents(file);
  if (!bytes) return bytes.error();
  const auto image = parse_elf(bytes.value(), kProgramBegin, kProgramEnd);
  if (!image) return image.error();
  const auto report = mint(notification_, {kAllRights, std::uint64_t{1} << index, 0});
  if (!report) return report.error();
  const Startup startup{.core_id = process_.core_id,
                        .process_id = static_cast<std::uint32_t>(process.number),
                        .tsc_hz = process_.tsc_hz,
                        .command_line = stored<sizeof(startup.command_line)>(command_line)};

  ProcessBuilder builder(process.ram);
  if (const auto made = builder.make_cspace(); !made) return made;
  if (const auto made = builder.make_address_space(); !made) return made;
  if (const auto loaded = builder.load(image.value()); !loaded) return loaded;
  if (const auto made = builder.make_stack(image.value().entry); !made) return made;
  if (const auto told = builder.tell(startup); !told) return told;
  auto dispatcher = builder.make_dispatcher(report.value());
  if (!dispatcher) return dispatcher.error();
  process.dispatcher = std::move(dispatcher.value());
  if (const auto given = builder.give({endpoint_, process.number, has_console}); !given)
    return given;
  const auto runs = invoke(process.dispatcher.address(), Method::run);
  if (!runs) return runs.error();
  return {};
}

// All that was made from its RAM goes, which is all there is of it; the RAM stays, for the next one in this place.
void Processes::clear(Process& process) {
  //@ since urpc
  broker_->end(process);
  process.bell = Cap<Type::notification>();
  process.endpoint = Cap<Type::endpoint>();
  process.listens = process.connects = false;
  //@ end
  // First, so that it does not run while it is half taken apart.
  if (process.dispatcher) static_cast<void>(invoke(process.dispatcher.address(), Method::suspend));
  static_cast<void>(revoke(process.ram.address()));
  process.dispatcher = Cap<Type::dispatcher>();
  process.end = Cap<Type::notification>();
  process.service = Cap<Type::endpoint>();
  process.number = 0;
  //@ since urpc
  broker_->look_again();
  //@ end
}

Result<void> Processes::end(std::uint64_t number) {
  Process* const process = find(number);
  if (process == nullptr) return Error::not_found;
  if (process->end) static_cast<void>(invoke(process->end.address(), Method::signal));
  clear(*process);
  return {};
}

void Processes::report(std::uint64_t bits) {
  for (std::size_t i = 0; i < list_.size(); ++i) {
    Process& process = list_[i];
    if ((bits >> i & 1) == 0 || process.number == 0) continue;
    const auto status = invoke(process.dispatcher.address(), Method::status);
    if (!status) continue;
    const auto& [state, vector, rip, address, unused] = status.value();
    if (static_cast<DispatcherState>(state) != DispatcherState::stopped) continue;
    print("init: process {} ({}) was stopped: vector {} at {x}, address {x}\n", process.number,
          until_zero({process.name.data(), process.name.size()}), vector, rip, address);
    static_cast<void>(end(process.number));
  }
}

Process* Processes::nth(std::size_t n) {
  for (Process& process : list_)
    if (process.number != 0 && n-- == 0) return &process;
  return nullptr;
}

Process* Processes::find(std::uint64_t number) {
  if (number == 0) return nullptr;
  for (Process& process : list_)
    if (process.number == number) return &process;
  return nullptr;
}

CapRef<Type::endpoint> Processes::find_service(const ProcessName& name) const {
  for (const Process& process : list_)
    if (process.number != 0 && process.service && process.name == name) return process.service;
  return {};
}

//@ since urpc
bool Processes::may_listen(const ProcessName& name) const {
  return std::any_of(list_.begin(), list_.end(), [&](const Process& process) {
    return process.number != 0 && !process.listens && !process.connects && process.name == name;
  });
}

Process* Processes::find_listener(const ProcessName& name) {
  for (Process& process : list_)
    if (process.number != 0 && process.listens && process.name == name) return &process;
  return nullptr;
}

//@ end
std::uint64_t Processes::bytes() const {
  const auto places =
      std::count_if(list_.begin(), list_.end(), [](const Process& p) { return bool(p.ram); });
  return static_cast<std::uint64_t>(places) << kProcessBits;
}

}  // namespace sprat::init
