// methods.hh — the methods of each type of object, and the rights that they need: of the invoked capability, and of the
// capabilities that its arguments name. `invoke` checks this table and nothing else, so that no method can forget a
// check.
//
//   meaning of a right    frame     CNode       dispatcher    notification  irq       io_ports   kernel
//   kRead                   read      look        status        —             hear      in         print
//   kWrite                  write     change      change        signal        signal    out        share with other cores
//   kExecute                execute   —           —             —             —         —          start other cores, power off
//   kGrant                  may be copied: asked for by cap::copy, which also keeps and sends capabilities

#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "sprat/capability.hh"

namespace sprat::dispatch {

// A word of an invocation that names a capability.
struct NamedArgument {
  std::uint8_t word;  // 0 for a0 ... 4 for a4
  Type type;          // null: any, the operation itself checks it
  Rights rights;
  bool is_optional = false;  // 0 names none
};

struct MethodRule {
  Method method;
  Rights rights;  // that the invoked capability must carry
  std::array<NamedArgument, 4> named{};
  std::uint8_t names = 0;

  constexpr MethodRule(Method what, Rights needed) : method(what), rights(needed) {}
  template <class... Named>
  constexpr MethodRule(Method what, Rights needed, NamedArgument first, Named... others)
      : method(what), rights(needed), named{first, others...}, names(1 + sizeof...(others)) {}
};

namespace method_table {

inline constexpr NamedArgument kAnySource{1, Type::null, {}};
inline constexpr NamedArgument kTargetCNode{0, Type::cnode, kWrite};

// clang-format off
inline constexpr MethodRule kOfCNodes[] = {
    {Method::copy,   kWrite, kAnySource},
    {Method::mint,   kWrite, kAnySource},
    {Method::retype, kWrite, kAnySource},
    {Method::move,   kWrite, kAnySource},
    {Method::remove, kWrite},
    {Method::revoke, kWrite},
    {Method::look,   kRead},
};
inline constexpr MethodRule kOfPageTables[] = {
    {Method::map,   kWrite, kAnySource},
    {Method::unmap, kWrite},
};
inline constexpr MethodRule kOfDispatchers[] = {
    {Method::configure, kWrite, NamedArgument{0, Type::cnode, kWrite},
                                NamedArgument{1, Type::page_table_4, kWrite},
                                NamedArgument{2, Type::frame, kRead | kWrite},
                                NamedArgument{4, Type::notification, kWrite, true}},
    {Method::run,       kWrite},
    {Method::suspend,   kWrite},
    {Method::status,    kRead},
};
inline constexpr MethodRule kOfNotifications[] = {
    {Method::signal, kWrite},
};
inline constexpr MethodRule kOfIrqs[] = {
    //@ since urpc
    {Method::signal,      kWrite},
    //@ end
    {Method::bind,        kRead, NamedArgument{1, Type::notification, kWrite}},
    {Method::acknowledge, kRead},
};
inline constexpr MethodRule kOfIoPorts[] = {
    {Method::in,  kRead},
    {Method::out, kWrite},
};
inline constexpr MethodRule kOfKernels[] = {
    {Method::set_remote, kMayShare, kTargetCNode},
    {Method::load_core,  kMayRunMachine, kAnySource},  // Ram, which the first step moves to the kernel
    {Method::start_core, kMayRunMachine},
    {Method::core_state, kMayRunMachine},
    //@ since urpc
    {Method::doorbells,  kMayShare, kTargetCNode},
    {Method::adopt,      kMayShare, kTargetCNode},
    //@ end
    //@ since monitor
    {Method::stop_core,  kMayRunMachine},
    {Method::reclaim,    kMayRunMachine, kTargetCNode},
    {Method::alarm,      kMayRunMachine},
    //@ end
    {Method::power_off,  kMayRunMachine},
};
// clang-format on

}  // namespace method_table

// Returns the methods of `type` but identify, which all types have and which needs no right.
constexpr std::span<const MethodRule> methods_of(Type type) {
  using namespace method_table;
  if (table_level(type) != 0) return kOfPageTables;
  switch (type) {
    case Type::cnode: return kOfCNodes;
    case Type::dispatcher: return kOfDispatchers;
    case Type::notification: return kOfNotifications;
    case Type::irq: return kOfIrqs;
    case Type::io_ports: return kOfIoPorts;
    case Type::kernel: return kOfKernels;
    default: return {};
  }
}

// For each type and method its rule; null: the type has no such method.
using MethodTable = std::array<std::array<const MethodRule*, kMethods>, kTypes>;

consteval MethodTable make_method_table() {
  MethodTable table{};
  for (std::size_t type = 0; type < kTypes; ++type) {
    for (const MethodRule& rule : methods_of(static_cast<Type>(type)))
      table[type][static_cast<std::size_t>(rule.method)] = &rule;
  }
  return table;
}

}  // namespace sprat::dispatch
