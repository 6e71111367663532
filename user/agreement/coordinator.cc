// coordinator.cc — changes of the view, one after the other.

#include "agreement/coordinator.hh"

namespace sprat::agreement {

bool Coordinator::may_start(CoreNumber core) const {
  return core != kCoordinator && !member_.cores().has(core) && !expected_.has(core) &&
         !joining_.has(core) && !is_joining(core);
}

void Coordinator::expect(CoreNumber core) {
  expected_.add(core);
  platform_.open(core);
}

void Coordinator::handle(CoreNumber from, const Hello&) {
  //@ lab monitor.1a:
  if (!expected_.has(from)) return;
  expected_.remove(from);
  joining_.add(from);
  go_on();
  //@ end
}

// A suspicion by a core that is stopped means nothing: of two cores that suspect each other, one survives. A suspicion of a core that
// is not in the view is late, and means an earlier incarnation.
void Coordinator::handle(CoreNumber from, const Suspect& message) {
  //@ lab monitor.7b:
  if (!member_.cores().has(from) || stopped_.has(from)) return;
  if (!member_.cores().has(message.core)) return;
  declare_dead(message.core);
  //@ end
}

void Coordinator::handle(CoreNumber from, const Prepared&) {
  //@ lab monitor.1b:
  missing_.remove(from);
  go_on();
  //@ end
}

void Coordinator::declare_dead(CoreNumber core) {
  if (may_start(core) || stopped_.has(core) || core == kCoordinator) return;
  //@ lab monitor.7c:
  platform_.fence(core);
  if (expected_.has(core) || joining_.has(core)) {
    expected_.remove(core);
    joining_.remove(core);
    platform_.close(core);
    return;
  }
  stopped_.add(core);
  missing_.remove(core);
  go_on();
  //@ end
}

// The cores of the view that take part in a change, but core 0.
CoreSet Coordinator::others() const {
  CoreSet others = member_.cores() - stopped_;
  others.remove(kCoordinator);
  return others;
}

void Coordinator::go_on() {
  for (;;) {
    //@ lab monitor.1c: return;
    if (is_changing_ && !missing_.is_empty()) return;
    if (is_changing_) commit();
    //@ end
    if (!stopped_.is_empty()) {
      begin(Change::death, stopped_.first());
    } else if (!joining_.is_empty()) {
      const CoreNumber core = joining_.first();
      joining_.remove(core);
      begin(Change::join, core);
    } else {
      return;
    }
  }
}

void Coordinator::begin(Change change, CoreNumber core) {
  is_changing_ = true;
  change_ = change;
  core_ = core;
  begins_ = true;
  //@ lab monitor.1d:
  missing_ = others();
  const ViewNumber number = member_.view() + 1;
  const Prepare message{number, number, core, change};
  missing_.for_each([&](CoreNumber to) { post<agreement::prepare>(platform_, to, message); });
  missing_.add(kCoordinator);             // until end_of_prepare
  member_.handle(kCoordinator, message);  // which may post messages of the new view
  //@ end
  begins_ = false;
}

void Coordinator::end_of_prepare() {
  missing_.remove(kCoordinator);
  if (!begins_) go_on();
}

void Coordinator::commit() {
  is_changing_ = false;
  if (change_ == Change::death) stopped_.remove(core_);
  //@ lab monitor.1e:
  CoreSet receivers = others();
  if (change_ == Change::join) {
    tell_members(core_);
    receivers.add(core_);
  } else {
    receivers.remove(core_);
  }
  const Commit message{member_.last_prepared(), member_.view() + 1, core_, change_};
  receivers.for_each([&](CoreNumber to) { post<agreement::commit>(platform_, to, message); });
  member_.handle(kCoordinator, message);
  //@ end
}

// The cores of the view before the joiner's.
void Coordinator::tell_members(CoreNumber joiner) {
  const CoreSet& cores = member_.cores();
  for (std::size_t word = 0; word < CoreSet::kWords; word += 4) {
    const Members message{member_.last_prepared(), static_cast<CoreNumber>(64 * word),
                          cores.word(word),        cores.word(word + 1),
                          cores.word(word + 2),    cores.word(word + 3)};
    const bool any = (message.word_0 | message.word_1 | message.word_2 | message.word_3) != 0;
    if (any) post<members>(platform_, joiner, message);
  }
}

}  // namespace sprat::agreement
