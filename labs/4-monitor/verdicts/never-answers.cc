//@ says Answers no bind, so that all processes that connect wait for ever.

//@ answer monitor.2a
  static_cast<void>(from), static_cast<void>(message);
//@ end
