// identity.hh — a user of this computer that no other run and no person is.

#pragma once

#include <sys/types.h>

namespace sprat::grading {

// Holds a user id (and the group id of the same number) that no account and no other grading uses. Only root can make another user's processes.
class Identity {
 public:
  Identity();  // throws MachineError when none is free
  ~Identity();
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  uid_t id() const { return id_; }

  // Returns whether there are users for runs here: this process is root, and in a user namespace that knows their ids.
  static bool available();

  // From now on this process is that user, without any capability, in no other group. False when that is refused.
  static bool become(uid_t id);

  // Kills every process of that user, all at once. Root only.
  static void end_all_of(uid_t id);

 private:
  bool take(uid_t id);

  uid_t id_ = 0;
  int lock_ = -1;
};

}  // namespace sprat::grading
