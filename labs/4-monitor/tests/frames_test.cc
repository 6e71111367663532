// frames_test.cc — exercise 5: frames whose copies travel, and a revoke in one phase.

#include "frames.hh"

#include <algorithm>

#include "one_core.hh"

using namespace lab;
using agreement::Change;
using sprat::grading::bare;

namespace {

constexpr std::uint64_t kBase = 0x4000, kTicket = 65;
constexpr std::uint8_t kBits = 12, kRights = 1;

// Has it send a copy of its own frame at `base`, and returns the stamp of the copy.
agreement::Stamp send_own(OneCore& owner, CoreNumber to, std::uint64_t base = kBase) {
  const Answer answer =
      owner.order("send", "1 " + bare(base) + " " + bare(to) + " " + bare(kTicket));
  owner.expect_told(answer, 1, "ok");
  return owner.only_post<agreement::recv>(answer, to).stamp;
}

Answer revoke(OneCore& owner, std::uint64_t begin, std::uint64_t end, std::uint64_t task = 2) {
  return owner.order("revoke", bare(task) + " " + bare(begin) + " " + bare(end));
}

// Expects a ticket for a capability from `asker`, and returns it.
agreement::TicketNumber expect_capability(OneCore& holder, CoreNumber asker) {
  const Answer answer = holder.order("ticket", bare(asker));
  return static_cast<agreement::TicketNumber>(answer.calls.at(0).core);
}

// Has it receive a copy of core `owner`'s frame.
void receive(OneCore& holder, CoreNumber owner, agreement::Stamp stamp,
             std::uint64_t base = kBase) {
  const auto ticket = expect_capability(holder, owner);
  const Answer answer =
      holder.hear<agreement::recv>(owner, {kView, ticket, owner, kBits, kRights, base, stamp});
  holder.expect(holder.has(answer, "adopt", base), "adopt: a copy for its ticket", answer);
}

Answer death(OneCore& core, CoreNumber dead) {
  return core.hear<agreement::prepare>(kCore0, {kView + 1, kView + 1, dead, Change::death});
}

// Random events at random moments.
void use_frames(Trial& trial, Frames& frames, unsigned turns) {
  for (unsigned turn = 0; turn < turns; ++turn) {
    if (trial.below(3) == 0) frames.happen();
    frames.step();
  }
}

}  // namespace

LAB_TEST(frames, revoke_asks_each_holder_once_and_ends_when_all_are_rid_of_it, "host") {
  for (int round = 0; round < 5; ++round) {
    OneCore owner(trial, 3);
    std::vector<CoreNumber> holders{0, 1, 2, 4, 5, 6, 7};
    std::ranges::shuffle(holders, trial.random());
    holders.resize(2 + trial.below(3));
    for (const CoreNumber holder : holders) {
      send_own(owner, holder);
      if (trial.below(2) == 0) send_own(owner, holder, kBase + kFrameBytes);
    }
    send_own(owner, holders[0], kBase + 0x100000);  // outside of the range
    const Answer asked = revoke(owner, kBase, kBase + 2 * kFrameBytes);
    std::uint32_t operation = 0;
    for (const CoreNumber holder : holders) {
      const auto message = owner.only_post<agreement::revoke>(asked, holder);
      operation = message.operation;
      owner.expect(message.begin == kBase && message.end == kBase + 2 * kFrameBytes,
                   "revoke(begin=0x4000, end=0x6000)", asked);
    }
    owner.expect(owner.posts<agreement::revoke>(asked) == holders.size(),
                 "revoke to each core that has copies, and to no other", asked);
    for (const CoreNumber holder : holders) {
      const Answer answer = owner.hear<agreement::gone>(holder, {kView, operation});
      if (holder == holders.back()) {
        owner.expect_told(answer, 2, "ok");
        owner.expect(owner.has(answer, "release", kBase), "release 0x4000", answer);
      } else {
        owner.expect_nothing(answer, "other cores are not rid of their copies yet");
      }
    }
    owner.expect_told(revoke(owner, kBase, kBase + kFrameBytes, 3), 3, "ok");
  }
}

LAB_TEST(frames, answer_counts_for_its_own_revoke, "host") {
  OneCore owner(trial, 3);
  send_own(owner, 4);
  send_own(owner, 4, kBase + kFrameBytes);
  const auto operation_of = [&](std::uint64_t base, std::uint64_t task) {
    const Answer asked = revoke(owner, base, base + kFrameBytes, task);
    return owner.only_post<agreement::revoke>(asked, 4).operation;
  };
  const auto first = operation_of(kBase, 2), second = operation_of(kBase + kFrameBytes, 3);
  const Answer answer = owner.hear<agreement::gone>(4, {kView, second});
  owner.expect_told(answer, 3, "ok");
  owner.expect(!owner.has(answer, "told", 2), "the first revoke waits for its own answer", answer);
  owner.expect_told(owner.hear<agreement::gone>(4, {kView, first}), 2, "ok");
}

LAB_TEST(frames, owner_sends_no_copy_of_a_frame_that_it_revokes, "host") {
  OneCore owner(trial, 3);
  send_own(owner, 4);
  const auto copy_to = [&](CoreNumber to, std::uint64_t base) {
    return owner.hear<agreement::copy>(4, {kView, kTicket, to, kRights, base});
  };
  const auto sent = owner.only_post<agreement::recv>(copy_to(5, kBase), 5);
  if (sent.ticket != kTicket || sent.asker != 4 || sent.base != kBase || sent.bits != kBits)
    trial.wrong("recv(ticket=65, asker=4, bits=12, base=0x4000)",
                text_of(line_of<agreement::recv>(sent)));
  const Answer asked = revoke(owner, kBase, kBase + kFrameBytes);
  const auto operation = owner.only_post<agreement::revoke>(asked, 5).operation;
  const auto expect_refused = [&](const Answer& answer, CoreNumber to) {
    const auto refused = owner.only_post<agreement::refused>(answer, to);
    owner.expect(refused.ticket == kTicket && refused.asker == 4,
                 "refused(ticket=65, asker=4) to the receiver", answer);
    owner.expect(owner.posts<agreement::recv>(answer) == 0, "no copy", answer);
  };
  expect_refused(copy_to(6, kBase), 6);
  owner.hear<agreement::gone>(4, {kView, operation});
  expect_refused(copy_to(6, kBase), 6);
  owner.expect_told(owner.hear<agreement::gone>(5, {kView, operation}), 2, "ok");
  expect_refused(copy_to(6, kBase), 6);  // no core has copies any more: the asker neither
}

LAB_TEST(frames, copy_for_an_earlier_incarnation_is_not_sent, "host") {
  OneCore owner(trial, 3);
  send_own(owner, 4);
  // Core 8 joins in view 9; core 4 has asked before it heard of that, and means an earlier core 8.
  owner.hear<agreement::prepare>(kCore0, {kView + 1, kView + 1, 8, Change::join});
  const auto copy_in = [&](ViewNumber view) {
    return owner.hear<agreement::copy>(4, {view, kTicket, 8, kRights, kBase});
  };
  owner.expect_nothing(copy_in(kView), "in view 8, core 8 was another one");
  owner.only_post<agreement::recv>(copy_in(kView + 1), 8);
  owner.expect_nothing(owner.hear<agreement::copy>(4, {kView, kTicket, 20, kRights, kBase}),
                       "there is no link with core 20");
}

LAB_TEST(frames, owner_forgets_a_holder_only_by_the_stamp_of_its_last_copy, "host") {
  OneCore owner(trial, 3);
  const auto first = send_own(owner, 4), second = send_own(owner, 4), other = send_own(owner, 5);
  const auto drop = [&](CoreNumber from, agreement::Stamp stamp) {
    return owner.hear<agreement::dropped>(from, {kView, kBase, stamp});
  };
  owner.expect_nothing(drop(4, first), "a later copy is on its way to core 4");
  owner.expect_nothing(drop(6, second), "core 6 has no copy");
  owner.expect_nothing(drop(5, other), "core 4 has copies");
  const Answer last = drop(4, second);
  owner.expect(owner.has(last, "release", kBase), "release 0x4000: no core has a copy", last);
  owner.expect_nothing(drop(4, second), "the frame is not shared any more");
}

LAB_TEST(frames, holder_takes_copies_for_its_tickets_and_gives_others_back, "host") {
  OneCore holder(trial, 4);
  const auto recv = [&](std::uint64_t ticket, CoreNumber asker, std::uint64_t base,
                        agreement::Stamp stamp) {
    return holder.hear<agreement::recv>(
        3, {kView, static_cast<std::uint32_t>(ticket), asker, kBits, kRights, base, stamp});
  };
  const auto expect_given_back = [&](const Answer& answer, agreement::Stamp stamp) {
    const auto message = holder.only_post<agreement::dropped>(answer, 3);
    holder.expect(message.stamp == stamp, "dropped(stamp=" + std::to_string(stamp) + ")", answer);
  };
  const auto ticket = expect_capability(holder, 6);
  const std::string wait = "1 " + bare(ticket) + " 3 " + bare(kView);
  expect_given_back(recv(ticket + 64, 6, kBase, 1), 1);  // no such ticket
  expect_given_back(recv(ticket, 5, kBase, 2), 2);       // another core's
  holder.order("receive", wait);
  const Answer taken = recv(ticket, 6, kBase, 3);
  holder.expect(holder.has(taken, "adopt", kBase), "adopt 0x4000", taken);
  holder.expect(holder.posts<agreement::dropped>(taken) == 0, "the core keeps it", taken);
  holder.expect_told(taken, 1, "ok");
  holder.expect_nothing(recv(ticket, 6, kBase, 4),
                        "it has other copies of the frame: it says nothing");
  // No room.
  const auto second = expect_capability(holder, 6);
  holder.order("receive", "2 " + bare(second) + " 3 " + bare(kView));
  holder.order("full", "1");
  const Answer full = recv(second, 6, kBase + kFrameBytes, 5);
  expect_given_back(full, 5);
  holder.expect_told(full, 2, "out_of_memory");
}

LAB_TEST(frames, last_copy_of_a_holder_goes_back_with_its_last_stamp, "host") {
  OneCore holder(trial, 4);
  receive(holder, 3, 7);
  receive(holder, 3, 9);
  const std::string base = bare(kBase);
  holder.order("delete", base);
  holder.expect_nothing(holder.order("lonely", base), "the core still has a copy");
  holder.order("delete", base);
  const Answer answer = holder.order("lonely", base);
  const auto message = holder.only_post<agreement::dropped>(answer, 3);
  holder.expect(holder.has(answer, "drop", kBase) && message.stamp == 9 && message.base == kBase,
                "drop 0x4000, and post 3: dropped(base=0x4000, stamp=9)", answer);
  holder.expect_nothing(holder.order("lonely", base), "the frame is gone");
}

LAB_TEST(frames, holder_says_gone_when_all_its_copies_are_swept, "host") {
  OneCore holder(trial, 4);
  const auto revoke_at = [&](CoreNumber owner, std::uint32_t operation) {
    return holder.hear<agreement::revoke>(owner,
                                          {kView, operation, kBase, kBase + 2 * kFrameBytes});
  };
  const auto expect_gone = [&](const Answer& answer, CoreNumber owner, std::uint32_t operation) {
    const auto message = holder.only_post<agreement::gone>(answer, owner);
    holder.expect(message.operation == operation,
                  "gone(operation=" + std::to_string(operation) + ")", answer);
  };
  expect_gone(revoke_at(3, 11), 3, 11);  // it has none
  holder.order("sweeps-slowly");
  receive(holder, 3, 1);
  receive(holder, 3, 2, kBase + kFrameBytes);
  receive(holder, 5, 1, kBase + 0x100000);
  holder.order("copy", bare(kBase));
  Answer answer = revoke_at(3, 12);
  holder.expect(holder.posts<agreement::gone>(answer) == 0, "no gone before the sweep", answer);
  holder.expect_nothing(holder.order("copy", bare(kBase)), "a frame that is swept is not copied");
  expect_gone(revoke_at(5, 13), 5, 13);  // another core's frames are not in the way
  unsigned swept = 0;
  for (unsigned steps = 0; steps < 20 && holder.posts<agreement::gone>(answer) == 0; ++steps) {
    answer = holder.order("step");
    swept += holder.has(answer, "sweep", kBase) || holder.has(answer, "sweep", kBase + kFrameBytes);
  }
  holder.expect(swept == 3, "gone after three copies are swept", answer);
  expect_gone(answer, 3, 12);
}

LAB_TEST(frames, dead_core_has_no_copies, "host") {
  {
    OneCore owner(trial, 3);
    send_own(owner, 4);
    const Answer answer = death(owner, 4);
    owner.expect(owner.has(answer, "release", kBase), "release 0x4000: no live core has a copy",
                 answer);
  }
  OneCore owner(trial, 3);
  send_own(owner, 4);
  send_own(owner, 5);
  const Answer asked = revoke(owner, kBase, kBase + kFrameBytes);
  const auto operation = owner.only_post<agreement::revoke>(asked, 5).operation;
  owner.expect_nothing(owner.hear<agreement::gone>(5, {kView, operation}), "core 4 is missing");
  owner.expect_told(death(owner, 4), 2, "ok");
}

LAB_TEST(frames, copies_of_a_dead_owner_are_swept_before_prepared, "host") {
  for (const bool slowly : {false, true}) {
    OneCore holder(trial, 4);
    if (slowly) holder.order("sweeps-slowly");
    receive(holder, 3, 1);
    receive(holder, 5, 1, kBase + 0x100000);
    Answer answer = death(holder, 3);
    bool is_swept = false, is_prepared = false;
    for (unsigned steps = 0; steps < 20 && !is_prepared; ++steps) {
      for (const Call& call : answer.calls) {
        is_swept |= call.kind == "drop" && call.core == kBase;
        if (!call.posted<agreement::prepared>()) continue;
        holder.expect(is_swept, "prepared after its copies are deleted", answer);
        is_prepared = true;
      }
      answer = holder.order("step");
    }
    holder.expect(is_prepared, "prepared when the sweep is over", answer);
    trial.expect_equal("the owner of the other frame", "5",
                       trial.ask("owner 4 " + bare(kBase + 0x100000)));
  }
}

LAB_TEST(frames, copies_and_revokes_meet_in_any_order, "host") {
  std::size_t received = 0, revoked = 0;
  for (std::size_t round = 0; round < 60; ++round) {
    System system(trial, 3 + round % 3);
    Frames frames(trial, system);
    system.begin_with(system.size());
    use_frames(trial, frames, 150);
    frames.expect_rest();
    system.expect_rest();
    received += frames.received;
    revoked += frames.revoked;
  }
  if (received == 0 || revoked == 0)
    trial.wrong("copies that arrive, and revokes that end",
                std::to_string(received) + " copies, and " + std::to_string(revoked) + " revokes");
}

LAB_TEST(frames, memory_comes_back_whatever_happens_to_cores, "host") {
  for (std::size_t round = 0; round < 60; ++round) {
    System system(trial, 3 + round % 3);
    Frames frames(trial, system);
    system.begin_with(system.size());
    unsigned stops = 3;
    for (unsigned part = 0; part < 6; ++part) {
      use_frames(trial, frames, 30);
      const auto core = static_cast<CoreNumber>(1 + trial.below(system.size() - 1));
      if (!system.is_live(core) && system.may_start(core)) {
        system.start(core);
      } else if (system.is_live(core) && stops != 0 && trial.below(2) == 0) {
        --stops;
        if (trial.below(2) == 0) system.hang(core);
        system.declare_dead(core);
      }
    }
    frames.run();
    frames.expect_rest();
    system.expect_rest();
  }
}
