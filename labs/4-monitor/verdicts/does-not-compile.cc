//@ says Has a mistake that no compiler accepts.

//@ answer monitor.1b
  missing_.remove(from)
//@ end
