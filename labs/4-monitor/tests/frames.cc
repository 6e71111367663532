// frames.cc — see frames.hh.

#include "frames.hh"

#include <algorithm>

namespace lab {

using sprat::grading::bare;

namespace {

constexpr std::uint64_t kNoObject = ~std::uint64_t{0};
constexpr unsigned kMostCopies = 3;  // of a frame on one core, as far as processes make more

}  // namespace

Frames::Frames(Trial& trial, System& system) : trial_(trial), system_(system) {
  system.set_watcher(this);
  starts(kCore0);
}

void Frames::starts(CoreNumber core) { system_.act(core, "sweeps-slowly " + bare(core)); }

// ---- events

void Frames::make(CoreNumber core, std::uint64_t base) {
  const Place place(system_.incarnation(core), base);
  if (own_.contains(place)) return;
  own_[place] = objects_.size();
  objects_.push_back({system_.incarnation(core)});
}

void Frames::remove_own(CoreNumber core, std::uint64_t base) {
  const auto place = own_.find({system_.incarnation(core), base});
  if (place == own_.end()) return;
  objects_[place->second].has_own = false;
  end_if_unused(objects_[place->second]);
}

void Frames::send(CoreNumber core, std::uint64_t base, CoreNumber to) {
  system_.act(to, "ticket " + bare(to) + " " + bare(core));
  if (ticket_ == 0) return;
  const std::string ticket = bare(ticket_);
  CoreNumber source = core;
  if (!has_own(core, base)) {
    const std::string owner = trial_.ask("owner " + bare(core) + " " + bare(base));
    if (owner.starts_with("error")) return;
    source = static_cast<CoreNumber>(std::strtoull(owner.c_str(), nullptr, 16));
  }
  system_.note("     " + name_of(core) + " sends " + at(base) + " to " + name_of(to));
  const std::uint64_t task = add_task(Kind::send, core);
  system_.act(core, "send " + bare(core) + " " + bare(task) + " " + bare(base) + " " + bare(to) +
                        " " + ticket);
  if (tasks_[task - kOthersTasks].result != "ok") return;
  notices_.push_back({system_.incarnation(to), to,
                      ticket + " " + bare(source) + " " + bare(system_.state(core).prepared)});
}

void Frames::copy(CoreNumber core, std::uint64_t base) {
  const auto place = foreign_.find({system_.incarnation(core), base});
  if (place == foreign_.end() || place->second.copies >= kMostCopies) return;
  system_.act(core, "copy " + bare(core) + " " + bare(base));
}

void Frames::remove(CoreNumber core, std::uint64_t base) {
  if (!has_copy(core, base)) return;
  system_.note("     " + name_of(core) + " deletes a copy of " + at(base));
  system_.act(core, "delete " + bare(core) + " " + bare(base));
}

void Frames::revoke(CoreNumber core, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t task = add_task(Kind::revoke, core);
  for (std::uint64_t base = begin; base < end; base += kFrameBytes) {
    const auto place = own_.find({system_.incarnation(core), base});
    if (place != own_.end()) tasks_.back().revokes.push_back(place->second);
    remove_own(core, base);
  }
  system_.note("     " + name_of(core) + " revokes its frames from 0x" + bare(begin) + " to 0x" +
               bare(end));
  system_.act(core,
              "revoke " + bare(core) + " " + bare(task) + " " + bare(begin) + " " + bare(end));
}

void Frames::happen() {
  const auto any_core = [&] { return static_cast<CoreNumber>(trial_.below(system_.size())); };
  const CoreNumber core = any_core(), other = any_core();
  const auto is_member = [&](CoreNumber one) {
    return system_.exists(one) && system_.is_live(one) && system_.state(one).view != 0;
  };
  if (!is_member(core)) return;
  const std::uint64_t its_own = base(core, static_cast<unsigned>(trial_.below(2)));
  std::vector<std::uint64_t> frames;  // that it has
  for (CoreNumber owner = 0; owner < system_.size(); ++owner)
    for (const unsigned which : {0u, 1u})
      if (has_own(core, base(owner, which)) || has_copy(core, base(owner, which)))
        frames.push_back(base(owner, which));
  const std::uint64_t any = frames.empty() ? its_own : frames[trial_.below(frames.size())];
  switch (trial_.below(10)) {
    case 0:
    case 1: return make(core, its_own);
    case 2: return remove_own(core, its_own);
    case 3: return copy(core, any);
    case 4:
    case 5: return remove(core, any);
    case 6:
      if (trial_.below(2) == 0) return;
      return trial_.below(2) == 0 ? revoke(core, its_own, its_own + kFrameBytes)
                                  : revoke(core, base(core, 0), base(core + 1, 0));
    default:
      if (core == other || !is_member(other)) return;
      if (((system_.state(core).linked >> other) & 1) == 0) return;
      if (!frames.empty()) send(core, any, other);
  }
}

// ---- the world

bool Frames::step() {
  if (notices_.empty() || trial_.below(4) != 0) {
    if (system_.step()) return true;
    if (notices_.empty()) return false;
  }
  const std::size_t which = trial_.below(notices_.size());
  const Notice notice = notices_[which];
  notices_.erase(notices_.begin() + static_cast<std::ptrdiff_t>(which));
  if (system_.has_stopped_incarnation(notice.incarnation)) return true;
  const std::string core = bare(notice.core);
  if (notice.question.starts_with("lonely")) {
    system_.act(notice.core, "lonely " + core + notice.question.substr(6));
  } else {
    const std::uint64_t task = add_task(Kind::receive, notice.core);
    system_.act(notice.core, "receive " + core + " " + bare(task) + " " + notice.question);
  }
  return true;
}

void Frames::run() {
  while (step()) {
  }
}

void Frames::expect_rest() {
  run();
  for (CoreNumber core = 0; core < system_.size(); ++core) {
    if (!system_.exists(core) || !system_.is_live(core)) continue;
    for (CoreNumber owner = 0; owner < system_.size(); ++owner) {
      for (const unsigned which : {0u, 1u}) {
        remove_own(core, base(owner, which));
        while (has_copy(core, base(owner, which))) remove(core, base(owner, which));
      }
    }
  }
  run();
  for (const auto& [place, foreign] : foreign_)
    system_.expect(system_.has_stopped_incarnation(place.first),
                   "when all processes have gone, no core has another one's frame",
                   "a core still has " + at(place.second));
  for (const auto& [place, object] : own_)
    system_.expect(system_.has_stopped_incarnation(place.first),
                   "when all processes have gone, the memory of each frame is free",
                   at(place.second) + " is kept for ever");
  for (const Task& task : tasks_)
    system_.expect(!task.result.empty() || system_.has_stopped_incarnation(task.incarnation),
                   task.kind == Kind::revoke ? "each revoke ends"
                                             : "each process that waits for a copy is told",
                   "one waits for ever");
}

bool Frames::has_own(CoreNumber core, std::uint64_t base) const {
  const auto place = own_.find({system_.incarnation(core), base});
  return place != own_.end() && objects_[place->second].has_own;
}

bool Frames::has_copy(CoreNumber core, std::uint64_t base) const {
  const auto place = foreign_.find({system_.incarnation(core), base});
  return place != foreign_.end() && place->second.copies != 0;
}

// ---- what the code under test says

Frames::Object& Frames::own(CoreNumber core, std::uint64_t base, const char* call) {
  const auto place = own_.find({system_.incarnation(core), base});
  system_.expect(place != own_.end(), std::string(call) + " of a frame that exists",
                 name_of(core) + " has no frame at 0x" + bare(base));
  return objects_[place->second];
}

void Frames::sees(CoreNumber core, const Call& call) {
  const std::uint64_t base = call.core;
  const Place place(system_.incarnation(core), base);
  if (call.kind == "ticket") {
    ticket_ = call.core;
  } else if (call.kind == "told" && call.core >= kOthersTasks) {
    Task& task = tasks_.at(call.core - kOthersTasks);
    task.result = call.result;
    if (call.result != "ok") return;
    received += task.kind == Kind::receive;
    if (task.kind != Kind::revoke) return;
    ++revoked;
    for (const std::size_t object : task.revokes)
      expect_gone(object, "when a revoke ends, no core has a copy");
  } else if (call.kind == "keep") {
    own(core, base, "keep").is_kept = true;
  } else if (call.kind == "give") {
    own(core, base, "give").has_own = true;
  } else if (call.kind == "release") {
    Object& object = own(core, base, "release");
    system_.expect(object.is_kept, "release of a frame that is kept", "it is not kept");
    object.is_kept = false;
    end_if_unused(object);
  } else if (call.kind == "adopt") {
    system_.expect(arriving_ < objects_.size() && objects_[arriving_].exists,
                   "a copy that arrives is one of a frame that exists",
                   "the memory of " + at(base) + " was free already");
    const auto [copy, is_new] = foreign_.try_emplace(place, Foreign{arriving_});
    system_.expect(copy->second.object == arriving_, "no byte is in two objects",
                   name_of(core) + " has a copy of an earlier frame at 0x" + bare(base));
    ++copy->second.copies;
  } else if (call.kind == "drop") {
    foreign_.erase(place);
  } else if (call.kind == "copied") {
    ++foreign_.at(place).copies;
  } else if (call.kind == "sweep") {
    --foreign_.at(place).copies;
  } else if (call.kind == "removed" && --foreign_.at(place).copies == 0) {
    notices_.push_back({place.first, core, "lonely " + bare(base)});
  }
}

std::uint64_t Frames::posts(CoreNumber core, const Line& line) {
  const auto copy = body_of<agreement::recv>(line);
  if (!copy) return kNoObject;
  const auto place = own_.find({system_.incarnation(core), copy->base});
  system_.expect(place != own_.end(), "a copy is sent of a frame that exists",
                 "the memory of " + at(copy->base) + " was free already");
  return place->second;
}

void Frames::end_if_unused(Object& object) {
  if (!object.exists || object.has_own || object.is_kept) return;
  const auto number = static_cast<std::size_t>(&object - objects_.data());
  expect_gone(number, "the memory of a frame is free when no other core has a copy");
  object.exists = false;
  std::erase_if(own_, [&](const auto& entry) { return entry.second == number; });
}

void Frames::expect_gone(std::size_t object, const std::string& expected) {
  for (const auto& [place, foreign] : foreign_)
    system_.expect(foreign.object != object || system_.is_fenced_incarnation(place.first), expected,
                   "a core has a copy of " + at(place.second));
}

std::uint64_t Frames::add_task(Kind kind, CoreNumber core) {
  tasks_.push_back({kind, system_.incarnation(core)});
  return kOthersTasks + tasks_.size() - 1;
}

}  // namespace lab
