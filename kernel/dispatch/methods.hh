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
  Type type;  // of the object; page_table_1 stands for all levels
  Method method;
  Rights rights;  // that the invoked capability must carry
  std::array<NamedArgument, 4> named{};
  std::uint8_t names = 0;

  template <class... Named>
  constexpr MethodRule(Type of, Method what, Rights needed, Named... arguments)
      : type(of), method(what), rights(needed), named{arguments...}, names(sizeof...(arguments)) {}
};

inline constexpr NamedArgument kAnySource{1, Type::null, {}};
inline constexpr NamedArgument kTargetCNode{0, Type::cnode, kWrite};

// All methods but identify, which all types have and which needs no right.
inline constexpr MethodRule kMethodRules[] = {
    // clang-format off
    {Type::cnode,        Method::copy,        kWrite, kAnySource},
    {Type::cnode,        Method::mint,        kWrite, kAnySource},
    {Type::cnode,        Method::retype,      kWrite, kAnySource},
    {Type::cnode,        Method::move,        kWrite, kAnySource},
    {Type::cnode,        Method::remove,      kWrite},
    {Type::cnode,        Method::revoke,      kWrite},
    {Type::cnode,        Method::look,        kRead},

    {Type::page_table_1, Method::map,         kWrite, kAnySource},
    {Type::page_table_1, Method::unmap,       kWrite},

    {Type::dispatcher,   Method::configure,   kWrite, NamedArgument{0, Type::cnode, kWrite},
                                                      NamedArgument{1, Type::page_table_4, kWrite},
                                                      NamedArgument{2, Type::frame, kRead | kWrite},
                                                      NamedArgument{4, Type::notification, kWrite, true}},
    {Type::dispatcher,   Method::run,         kWrite},
    {Type::dispatcher,   Method::suspend,     kWrite},
    {Type::dispatcher,   Method::status,      kRead},

    {Type::notification, Method::signal,      kWrite},

    {Type::irq,          Method::bind,        kRead, NamedArgument{1, Type::notification, kWrite}},
    {Type::irq,          Method::acknowledge, kRead},

    {Type::io_ports,     Method::in,          kRead},
    {Type::io_ports,     Method::out,         kWrite},

    {Type::kernel,       Method::set_remote,  kMayShare, kTargetCNode},
    {Type::kernel,       Method::load_core,   kMayRunMachine, kAnySource},  // Ram, which the first step moves to the kernel
    {Type::kernel,       Method::start_core,  kMayRunMachine},
    {Type::kernel,       Method::core_state,  kMayRunMachine},
    {Type::kernel,       Method::power_off,   kMayRunMachine},
    //@ since urpc

    {Type::irq,          Method::signal,      kWrite},
    {Type::kernel,       Method::doorbells,   kMayShare, kTargetCNode},
    {Type::kernel,       Method::adopt,       kMayShare, kTargetCNode},
    //@ end
    //@ since monitor

    {Type::kernel,       Method::stop_core,   kMayRunMachine},
    {Type::kernel,       Method::reclaim,     kMayRunMachine, kTargetCNode},
    {Type::kernel,       Method::alarm,       kMayRunMachine},
    {Type::kernel,       Method::leave,       kMayShare, NamedArgument{0, Type::ram, {}}},
    {Type::kernel,       Method::enter,       kMayShare, kTargetCNode},
    {Type::kernel,       Method::adopt_anchor, kMayShare, kTargetCNode},
    {Type::kernel,       Method::fetch,       kMayShare, kTargetCNode, NamedArgument{2, Type::dispatcher, kWrite}},
    {Type::kernel,       Method::put,         kMayShare, kTargetCNode, NamedArgument{2, Type::dispatcher, kWrite}},
    {Type::kernel,       Method::sweep,       kMayShare, kTargetCNode},
    {Type::kernel,       Method::drop,        kMayShare, kTargetCNode},
    {Type::kernel,       Method::lonely,      kMayShare},
    //@ end
    // clang-format on
};

// For each type and method its rule; null: the type has no such method.
using MethodTable = std::array<std::array<const MethodRule*, kMethods>, kTypes>;

consteval MethodTable make_method_table() {
  MethodTable table{};
  for (const MethodRule& rule : kMethodRules) {
    const auto first = static_cast<std::size_t>(rule.type);
    const std::size_t types = rule.type == Type::page_table_1 ? 4 : 1;
    for (std::size_t type = first; type < first + types; ++type)
      table[type][static_cast<std::size_t>(rule.method)] = &rule;
  }
  return table;
}

}  // namespace sprat::dispatch
