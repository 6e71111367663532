// checkpoint_test.cc — lines that move between two cores, counted as a directory of their caches would.

#include <map>
#include <set>

#include "epoch_talk.hh"
#include "lab/probe.hh"
#include "sprat/region.hh"

using namespace lab;
using sprat::grading::bare, sprat::grading::Booted, sprat::grading::RegionCount;

namespace {

constexpr std::size_t kSlots = 16;
// Laps: the bookkeeping of an end comes again every lap, or every few.
constexpr unsigned kWarmUp = 4 * kSlots, kRounds = 8 * kSlots;

// Which end has which line. A line that an end reads and does not have is fetched; one that it writes is taken away from
// the other.
class Directory {
 public:
  void see(const Access& access) {
    if (access.kind != Access::Kind::load && access.kind != Access::Kind::store) return;
    auto& holders = holders_[access.word / kWordsOfLine];
    if (holders.insert(access.end).second) ++moved_;
    if (access.kind == Access::Kind::store && holders.size() > 1) {
      ++moved_;
      holders = {access.end};
    }
  }
  std::uint64_t moved() const { return moved_; }

 private:
  std::map<std::size_t, std::set<std::string>> holders_;
  std::uint64_t moved_ = 0;
};

// Both ends of a conversation are the code under test.
struct Pair : Conversation {
  Pair(Trial& trial, const std::string& kind) : Conversation(trial, kSlots) {
    add_end("a", kind, Side::first);
    add_end("b", kind, Side::second);
    before = [this](const Access& access) {
      directory.see(access);
      if (access.kind == Access::Kind::store &&
          (access.word == report_of(Side::first) || access.word == report_of(Side::second)))
        ++reports;
    };
  }

  void send(const std::string& from, std::uint32_t header) {
    const std::string question = send_question(from, header, {1, 2, 3, 4, 5, 6, 7});
    std::string answer = ask(question);
    if (answer == "error again") {
      expect("receive " + from + " 7", "error again");
      answer = ask(question);
    }
    if (answer != "ok") wrong("room for a message", answer);
  }
  void receive(const std::string& by, std::uint32_t header) {
    expect("receive " + by + " 7", text_of(header, {1, 2, 3, 4, 5, 6, 7}));
  }

  Directory directory;
  std::uint64_t reports = 0;
};

// The lines that `once` moves, on average, in the long run.
template <class Once>
double lines_moved(Pair& talk, Once once) {
  std::uint64_t before = 0;
  for (unsigned round = 0; round < kWarmUp + kRounds; ++round) {
    if (round == kWarmUp) before = talk.directory.moved();
    once(round);
  }
  return static_cast<double>(talk.directory.moved() - before) / kRounds;
}

double lines_moved_by_calls(Trial& trial, const std::string& kind) {
  Pair talk(trial, kind);
  return lines_moved(talk, [&](std::uint32_t round) {
    talk.send("a", round);
    talk.receive("b", round);
    talk.send("b", ~round);
    talk.receive("a", ~round);
  });
}

double lines_moved_one_way(Trial& trial, const std::string& kind) {
  Pair talk(trial, kind);
  return lines_moved(talk, [&](std::uint32_t round) {
    talk.send("a", round);
    talk.receive("b", round);
  });
}

}  // namespace

LAB_TEST(checkpoint, lines_moved_per_call_and_answer, "host") {
  trial.value("lines_moved_per_call_and_answer", lines_moved_by_calls(trial, "epoch"));
}

LAB_TEST(checkpoint, lines_moved_per_message_one_way, "host") {
  trial.value("lines_moved_per_message_one_way", lines_moved_one_way(trial, "epoch"));
}

LAB_TEST(checkpoint, lines_moved_per_message_with_used_bits, "host") {
  trial.value("lines_moved_per_message_with_used_bits", lines_moved_one_way(trial, "used-bit"));
}

LAB_TEST(checkpoint, lines_moved_per_call_and_answer_by_ends_that_may_sleep, "host") {
  trial.value("lines_moved_per_call_and_answer_by_ends_that_may_sleep",
              lines_moved_by_calls(trial, "sleepy-epoch"));
}

LAB_TEST(checkpoint, reports_per_1000_messages, "host") {
  Pair talk(trial, "epoch");
  std::uint64_t before = 0;
  for (std::uint32_t message = 0; message < kWarmUp + 1000; ++message) {
    if (message == kWarmUp) before = talk.reports;
    talk.send("a", message);
    talk.receive("b", message);
  }
  trial.value("reports_per_1000_messages", static_cast<double>(talk.reports - before));
}

// Calls that are answered while the caller still polls: neither side has a reason to signal.
LAB_TEST(checkpoint, signals_while_the_receiver_polls, "host") {
  EpochTalk talk(trial, kSlots, "sleepy-epoch");
  std::size_t signals = 0;
  for (int call = 0; call < 200; ++call) {
    if (!talk.send(random_message(trial))) talk.wrong("room for a call", "error again");
    signals += talk.count(Access::Kind::signal);
    talk.peer_read();
    const std::uint64_t answered = talk.time + trial.below(5);
    bool is_answered = false;
    talk.before = [&](const Access&) {
      if (talk.time < answered || is_answered) return;
      is_answered = true;
      talk.peer_write(random_message(trial));
      if (talk.memory[talk.announcement_of(Side::first)] != 0) ++signals;
    };
    talk.expect("wait 0 " + bare(6 + trial.below(20)) + " a", "done");
    talk.before = [](const Access&) {};
    signals += talk.count(Access::Kind::signal);
    talk.receive();
  }
  trial.value("signals_while_the_receiver_polls", static_cast<double>(signals));
}

// ---- on machines (../probe/costs.cc)

namespace {

constexpr double kMessagesOfABatch = 8, kMessagesOfAStream = 1024;

Booted boot_costs(Trial& trial, const std::string& test, const lab::Expected& answers) {
  sprat::grading::Boot boot = lab::probe(test);
  boot.cpus = 2;
  const Booted booted = trial.boot(boot);
  lab::expect_answers(trial, booted, answers);
  return booted;
}

// The counts of a region in which both cores, or one of them, were as often as they should.
RegionCount count_of(Trial& trial, const Booted& booted, sprat::Region region,
                     std::uint64_t entries) {
  return trial.region(booted, static_cast<std::uint64_t>(region), entries);
}

RegionCount batches(Trial& trial, sprat::Region region) {
  return count_of(trial, boot_costs(trial, "batches", {{"sent", "512"}, {"received", "512"}}),
                  region, 64);
}

RegionCount both_cores(Trial& trial, const std::string& test, sprat::Region region) {
  return count_of(trial, boot_costs(trial, test, {{"right", "1024"}}), region, 2);
}

double ticks(Trial& trial, const std::string& test) {
  const Booted booted = boot_costs(trial, test, {{"right", "1024"}});
  return std::stod(booted.transcript.answers.at("ticks"));
}

}  // namespace

LAB_TEST(checkpoint, instructions_of_a_send, "qemu-icount") {
  const RegionCount count = batches(trial, sprat::Region::urpc_send);
  trial.value("instructions_of_a_send",
              static_cast<double>(count.instructions) / (64 * kMessagesOfABatch));
}

LAB_TEST(checkpoint, instructions_of_a_receive, "qemu-icount") {
  const RegionCount count = batches(trial, sprat::Region::urpc_receive);
  trial.value("instructions_of_a_receive",
              static_cast<double>(count.instructions) / (64 * kMessagesOfABatch));
}

LAB_TEST(checkpoint, instructions_of_a_round_trip, "qemu-icount") {
  const RegionCount count = both_cores(trial, "round_trips", sprat::Region::urpc_round_trip);
  trial.value("instructions_of_a_round_trip",
              static_cast<double>(count.instructions) / kMessagesOfAStream);
  trial.value("lines_of_a_round_trip_between_cores",
              static_cast<double>(count.fetches + count.upgrades) / kMessagesOfAStream);
  trial.value("locked_instructions_of_round_trips", static_cast<double>(count.locked));
}

LAB_TEST(checkpoint, instructions_of_a_message_one_way, "qemu-icount") {
  const RegionCount count = both_cores(trial, "one_way", sprat::Region::urpc_one_way);
  trial.value("instructions_of_a_message_one_way",
              static_cast<double>(count.instructions) / kMessagesOfAStream);
}

LAB_TEST(checkpoint, bochs_ticks_of_a_round_trip, "bochs") {
  trial.value("bochs_ticks_of_a_round_trip", ticks(trial, "round_trips") / kMessagesOfAStream);
}

LAB_TEST(checkpoint, messages_in_1000_bochs_ticks, "bochs") {
  trial.value("messages_in_1000_bochs_ticks", 1000 * kMessagesOfAStream / ticks(trial, "one_way"));
}

LAB_TEST(checkpoint, instructions_of_a_sleep, "qemu-icount") {
  sprat::grading::Boot boot = lab::probe("sleeps");
  boot.cpus = 2;
  boot.arg = bare(1000);
  const Booted booted = trial.boot(boot);
  lab::expect_answers(trial, booted, {{"sleeps", "40"}});
  const RegionCount count =
      trial.region(booted, static_cast<std::uint64_t>(sprat::Region::urpc_sleep),
                   std::stoull(booted.transcript.answers.at("waits")));
  // Waits that end without a message are part of the sleep that they belong to.
  trial.value("instructions_of_a_sleep", static_cast<double>(count.instructions) / 40);
}

LAB_TEST(checkpoint, instructions_of_a_message_of_1000_bytes, "qemu-icount") {
  const Booted booted = trial.boot(lab::probe("long_text"));
  lab::expect_answers(trial, booted, {{"lines", "18"}});
  const RegionCount count =
      trial.region(booted, static_cast<std::uint64_t>(sprat::Region::urpc_fragments), 16);
  trial.value("instructions_of_a_message_of_1000_bytes",
              static_cast<double>(count.instructions) / static_cast<double>(count.entries));
}

// On the side of the caller: the other core waits in its loop all the time.
LAB_TEST(checkpoint, instructions_of_an_awaited_call, "qemu-icount") {
  const Booted booted = boot_costs(trial, "measured_calls", {{"measured", "ok"}});
  const RegionCount count = count_of(trial, booted, sprat::Region::urpc_call, 1);
  trial.value("instructions_of_an_awaited_call", static_cast<double>(count.instructions) / 256);
  trial.value("lines_of_an_awaited_call",
              static_cast<double>(count.fetches + count.upgrades) / 256);
}
