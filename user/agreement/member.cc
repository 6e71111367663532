// member.cc — the part of each core in a change of the view, in the order that matters.

#include "agreement/member.hh"

namespace sprat::agreement {

Member::Member(CoreNumber self, Platform& platform) : self_(self), platform_(platform) {
  if (self != kCoordinator) return;
  view_ = prepared_ = incarnation_ = 1;
  cores_.add(kCoordinator);
  linked_ = cores_;
}

void Member::join() { post<hello>(platform_, kCoordinator, {}); }

void Member::suspect(CoreNumber core) {
  //@ lab monitor.7a:
  if (!cores_.has(core) || core == self_ || core == kCoordinator || suspected_.has(core)) return;
  suspected_.add(core);
  post<agreement::suspect>(platform_, kCoordinator, {prepared_, core});
  //@ end
}

void Member::observe(ViewObserver& observer) {
  observer.next = observers_;
  observers_ = &observer;
}

void Member::handle(CoreNumber from, const Prepare& message) {
  if (from != kCoordinator) return;
  prepared_ = message.number;  // messages that observers post belong to that view
  if (message.change == Change::death) {
    //@ lab monitor.7d:
    platform_.close(message.core);
    linked_.remove(message.core);
    suspected_.remove(message.core);
    //@ end
  } else {
    //@ lab monitor.1f:
    if (self_ != kCoordinator) platform_.open(message.core);  // core 0 has done so in expect()
    linked_.add(message.core);
    //@ end
    admitted_[message.core] = message.number;
  }
  hold();
  //@ lab monitor.1g:
  for (ViewObserver* observer = observers_; observer != nullptr; observer = observer->next)
    observer->prepare(message);
  release();
  platform_.view_is_prepared();
  //@ end
}

void Member::release() {
  if (--held_ != 0) return;
  if (self_ != kCoordinator) post<prepared>(platform_, kCoordinator, {prepared_});
  for (ViewObserver* observer = observers_; observer != nullptr; observer = observer->next)
    observer->end_of_prepare();
}

void Member::handle(CoreNumber from, const Members& message) {
  if (from != kCoordinator) return;
  const std::uint64_t words[] = {message.word_0, message.word_1, message.word_2, message.word_3};
  for (std::size_t i = 0; i < std::size(words); ++i)
    cores_.set_word(message.first / 64 + i, words[i]);
}

void Member::handle(CoreNumber from, const Commit& message) {
  if (from != kCoordinator) return;
  if (message.change == Change::death) {
    //@ lab monitor.7e:
    cores_.remove(message.core);
    //@ end
  }
  //@ lab monitor.1h:
  view_ = message.number;
  if (message.change == Change::join) cores_.add(message.core);
  if (message.core == self_) {
    prepared_ = incarnation_ = view_;
    linked_ = cores_;
    cores_.for_each([this](CoreNumber core) {
      if (core != self_ && core != kCoordinator) platform_.open(core);
    });
    platform_.view_is_prepared();
  }
  //@ end
  for (ViewObserver* observer = observers_; observer != nullptr; observer = observer->next)
    observer->commit(message);
}

}  // namespace sprat::agreement
