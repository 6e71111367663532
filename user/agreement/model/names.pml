// names.pml — a service name, replicated on every core and registered by votes: the name never has two owners, one of
// several initiators gets it, and after deaths and a join all tables are equal (user/agreement).
//
// A look-up reads the table of its own core. To register the name, an initiator asks all other cores, and commits when
// all have said yes. Of the changes in views.pml only the effect on names is here.
//
//   Propose attempt           initiator to all      may the sender have the name?
//   Vote yes or no, attempt   voter to initiator    a vote for an earlier attempt is ignored
//   Decision commit or abort  initiator to all      commit: all voted yes, and the sender is the owner now
//   Done                      voter to initiator    the name is in the table; after all Done: "registered"
//   Prepare kind, core        core 0 to members     Death: this core loses the name, promises to it end, and its
//                                                   answers are not awaited; Join: it gets the decision, too
//   Prepared                  member to core 0      done
//   Name owner                core 0 to the joiner  an entry of the table, as it is when core 0 prepares the join
//   Commit members            core 0 to the joiner  the joiner takes part from now on, and reads the links of others
//
// Of two initiators that meet, the smaller number wins: an initiator that still waits for votes says no to a larger
// number; for a smaller one it gives up (it aborts, and its caller hears of the loss) and says yes. A core that proposes
// nothing itself and has promised the name keeps a second Propose until the decision: at commit it says no, at abort or
// death yes.
//
// Every message carries the last view that its sender has prepared. A message from a later view than the reader has
// prepared stays in the link until then: it may presume a death of which the reader has not heard.
//
// The attempt in a vote spares an initiator a loss by a late no. Nothing here fails without it.
//
// Each of these must make the check fail: -D
//   NO_PRIORITY     an initiator says no to every other one
//   BYSTANDER_NO    a core that has promised the name says no to a second Propose at once
//   ONE_PHASE       an initiator commits without votes
//   KEEPS_PROMISE   a promise to a dead core stays
//   WAITS_FOR_DEAD  the vote of a dead core is awaited
//   KEEPS_NAME      the name of a dead core stays in the table
//   FORGETS_JOINER  a core that joins during a registration does not get the decision
//   NO_HOLD         a message from a later view is read at once
//   SAYS_EARLY      the caller hears "registered" when the votes are complete
//
// Larger bounds (LARGE=1 scripts/check-models):
//   -DINITIATORS=3 -DJOINS=0 -DFENCES=0
//   -DJOINS=0 -DFENCES=2
//   -DATTEMPTS=2

#ifndef INITIATORS
#define INITIATORS 2  // cores 1 to this one
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 1    // of each initiator
#endif
#ifndef JOINS
#define JOINS 1       // the last core joins during the run, or is there from the beginning
#endif
#ifndef FENCES
#define FENCES 1
#endif
#define COORDINATOR 0
#define JOINER (CORES - 1)

#include "links.inc"

mtype = { Propose, Vote, Decision, Done, Prepare, Prepared, Name, Commit };
mtype = { yes, no, commit, abort, Death, Join };
mtype = { idle, voting, committing, registered, lost };
chan link[CORES * CORES] = [6] of { mtype, mtype, byte, byte };  // the last is the view

// The knowledge of each core.
byte members[CORES];
byte dead[CORES];      // the set of dead cores, as far as it has heard
byte prepared[CORES];  // the last view that it has prepared
byte owner[CORES];     // the table: the owner of the name
byte promised[CORES];  // the core to which it has said yes
byte kept[CORES];      // the set of cores whose Propose it has not answered
byte kept_attempts[CORES * CORES];
#define KEPT_ATTEMPT(me, from) kept_attempts[(me) * CORES + (from)]

// Of each initiator.
mtype state[CORES];
byte attempt[CORES];
byte told[CORES];      // the set of cores that get its decision
byte awaited[CORES];   // the set of cores that must still vote, or answer Done

// Of core 0: the cores that have been fenced and are in its view, and a join in progress.
byte leaving;
bool joining;
byte unprepared;       // the set of cores that must still answer Prepared

byte fenced;           // the set of cores that execute nothing any more
byte is_in;            // the set of cores that take part

// How often each may still happen: any number up to its bound.
byte fences, joins;

// For use within a step, and forgotten at its end: values that are left behind would make more states.
byte i, second, its_view;
mtype message, first;
inline forget() { i = 0; second = 0; its_view = 0; message = 0; first = 0 }

inline post(from, to, what, one, two) {
  printf("core %d posts %e(%e, %d) to core %d\n", from, what, one, two, to);
  assert(nfull(LINK(from, to)));
  LINK(from, to)!what,one,two,prepared[from]
}

inline post_to_all(from, set, what, one, two) {
  for (i : 0 .. CORES - 1) {
    if
    :: has(set, i) -> post(from, i, what, one, two)
    :: else
    fi
  }
}

// ---- the initiator

inline give_up(me) {
  state[me] = lost;
  awaited[me] = EMPTY;
  post_to_all(me, told[me], Decision, abort, 0)
}

// The next phase, if all answers of this one are there.
inline go_on(me) {
  if
  :: state[me] == voting && awaited[me] == EMPTY ->
     for (i : 0 .. CORES - 1) {
       assert(has(fenced, i) || (state[i] != committing && state[i] != registered))
     }
     state[me] = committing;
     owner[me] = me;
     promised[me] = NONE;
     awaited[me] = told[me];
     post_to_all(me, told[me], Decision, commit, 0);
#ifdef SAYS_EARLY
     awaited[me] = EMPTY
#endif
  :: else
  fi;
  if
  :: state[me] == committing && awaited[me] == EMPTY ->
     printf("core %d says: registered\n", me);
     state[me] = registered;
     for (i : 0 .. CORES - 1) {
       assert(has(fenced, i) || !has(is_in, i) || owner[i] == me)
     }
  :: else
  fi
}

inline propose(me) {
  attempt[me]++;
  state[me] = voting;
  promised[me] = me;
  told[me] = members[me] & ~ONLY(me);
  awaited[me] = told[me];
  post_to_all(me, told[me], Propose, 0, attempt[me]);
#ifdef ONE_PHASE
  awaited[me] = EMPTY;
#endif
  go_on(me)
}

inline voted(me, from, vote, its_attempt) {
  if
  :: state[me] != voting || its_attempt != attempt[me]
  :: else ->
     if
     :: vote == yes -> remove(awaited[me], from); go_on(me)
     :: else -> promised[me] = NONE; give_up(me)
     fi
  fi
}

// ---- the voters

inline promise(me, from, its_attempt) {
  promised[me] = from;
  post(me, from, Vote, yes, its_attempt)
}

inline proposed(me, from, its_attempt) {
  if
  :: owner[me] != NONE -> post(me, from, Vote, no, its_attempt)
  :: owner[me] == NONE && state[me] == voting ->
     if
#ifdef NO_PRIORITY
     :: true -> post(me, from, Vote, no, its_attempt)
#else
     :: me < from -> post(me, from, Vote, no, its_attempt)
     :: me > from -> give_up(me); promise(me, from, its_attempt)
#endif
     fi
  :: owner[me] == NONE && state[me] != voting && promised[me] == NONE -> promise(me, from, its_attempt)
  :: else ->
#ifdef BYSTANDER_NO
     post(me, from, Vote, no, its_attempt)
#else
     add(kept[me], from);
     KEPT_ATTEMPT(me, from) = its_attempt
#endif
  fi
}

// The promise is void: the next Propose that was kept is answered.
inline answer_next(me) {
  promised[me] = NONE;
  for (i : 0 .. CORES - 1) {
    if
    :: promised[me] == NONE && has(kept[me], i) -> remove(kept[me], i); promise(me, i, KEPT_ATTEMPT(me, i))
    :: else
    fi
  }
}

inline decided(me, from, decision) {
  if
  :: decision == commit ->
     owner[me] = from;
     promised[me] = NONE;
     post(me, from, Done, 0, 0);
     for (i : 0 .. CORES - 1) {
       if
       :: has(kept[me], i) -> post(me, i, Vote, no, KEPT_ATTEMPT(me, i))
       :: else
       fi
     }
     kept[me] = EMPTY
  :: else ->
     remove(kept[me], from);
     if
     :: promised[me] == from -> answer_next(me)
     :: else
     fi
  fi
}

// ---- changes of the view

inline prepare_death(me, core) {
  prepared[me]++;
  add(dead[me], core);
  remove(members[me], core);
  do
  :: LINK(core, me)?_,_,_,_
  :: empty(LINK(core, me)) -> break
  od;
  remove(kept[me], core);
  remove(told[me], core);
#ifndef KEEPS_NAME
  if
  :: owner[me] == core -> owner[me] = NONE
  :: else
  fi;
#endif
#ifndef KEEPS_PROMISE
  if
  :: promised[me] == core -> answer_next(me)
  :: else
  fi;
#endif
#ifndef WAITS_FOR_DEAD
  remove(awaited[me], core);
#endif
  go_on(me)
}

inline prepare_join(me, core) {
  prepared[me]++;
  add(members[me], core);
  if
#ifndef FORGETS_JOINER
  :: state[me] == voting -> add(told[me], core)
  :: state[me] == committing -> add(awaited[me], core); post(me, core, Decision, commit, 0)
#endif
  :: else
  fi;
  if
  :: me != COORDINATOR -> post(me, COORDINATOR, Prepared, 0, 0)
  :: me == COORDINATOR && owner[me] != NONE -> post(me, core, Name, 0, owner[me])
  :: else
  fi
}

// Core `me` reads the next message from core `from`.
inline receive(me, from) {
  LINK(from, me)?message,first,second,its_view;
  printf("core %d reads %e(%e, %d) from core %d\n", me, message, first, second, from);
  if
  :: message == Propose -> proposed(me, from, second)
  :: message == Vote -> voted(me, from, first, second)
  :: message == Decision -> decided(me, from, first)
  :: message == Done -> remove(awaited[me], from); go_on(me)
  :: message == Prepare && first == Death -> prepare_death(me, second)
  :: message == Prepare && first == Join -> prepare_join(me, second)
  :: message == Prepared -> remove(unprepared, from)
  :: message == Name -> owner[me] = second
  :: message == Commit -> members[me] = second; prepared[me] = its_view; add(is_in, me)
  fi
}

inline fence(core) {
  printf("core 0 fences core %d\n", core);
  add(fenced, core);
  add(leaving, core);
  remove(unprepared, core)
}

inline begin_death(core) {
  printf("core 0 prepares the death of core %d\n", core);
  remove(leaving, core);
  prepare_death(COORDINATOR, core);
  post_to_all(COORDINATOR, members[COORDINATOR] & ~leaving & ~ONLY(COORDINATOR), Prepare, Death, core)
}

inline begin_join(core) {
  printf("core 0 prepares the join of core %d\n", core);
  joining = true;
  joins--;
  unprepared = members[COORDINATOR] & ~leaving & ~ONLY(COORDINATOR);
  post_to_all(COORDINATOR, unprepared, Prepare, Join, core);
  prepare_join(COORDINATOR, core)
}

inline commit_join(core) {
  joining = false;
  post(COORDINATOR, core, Commit, 0, members[COORDINATOR] & ~leaving)
}

#define runs(core) (!has(fenced, core))
// Is the first message from a later view than that which the core has prepared? Core 0 is never ahead: its Prepare comes
// before other messages on its links.
#ifdef NO_HOLD
#define is_early(from, me) false
#else
#define is_early(from, me) (from != COORDINATOR && \
  (LINK(from, me)?[_, _, _, eval(prepared[me] + 1)] || LINK(from, me)?[_, _, _, eval(prepared[me] + 2)]))
#endif
#define is_open(from, me) (!has(dead[me], from) && (from == COORDINATOR || has(is_in, me)) && !is_early(from, me))
#define is_free(me) (owner[me] == NONE && promised[me] == NONE)  // as far as the core knows

// All that core `me` may do with one of the others.
proctype pair(byte me; byte peer) {
end:
  do
  :: d_step { runs(me) && is_open(peer, me) && nempty(LINK(peer, me)) -> receive(me, peer); forget() }
  od
}

// All that core 0 may do about another one.
proctype coordinator(byte core) {
end:
  do
  :: d_step { fences > 0 && runs(core) && has(is_in, core) -> fences--; fence(core) }
  :: d_step { !joining && has(leaving, core) -> begin_death(core); forget() }
  :: d_step { core == JOINER && joins > 0 && leaving == EMPTY -> begin_join(core); forget() }
  :: d_step { joining && core == JOINER && unprepared == EMPTY -> commit_join(core) }
  od
}

proctype initiator(byte me) {
end:
  do
  :: d_step {
       runs(me) && has(is_in, me) && is_free(me) && (state[me] == idle || state[me] == lost) &&
       attempt[me] < ATTEMPTS ->
       propose(me);
       forget()
     }
  od
}

init {
  byte me, peer;
  atomic {
    is_in = ALL & ~(JOINS << JOINER);
    for (me : 0 .. CORES - 1) {
      members[me] = is_in; owner[me] = NONE; promised[me] = NONE; state[me] = idle;
      for (peer : 0 .. CORES - 1) {
        if
        :: peer != me -> run pair(me, peer)
        :: else
        fi
      }
      if
      :: me != COORDINATOR -> run coordinator(me)
      :: else
      fi;
      if
      :: me != COORDINATOR && me <= INITIATORS -> run initiator(me)
      :: else
      fi
    }
    select(fences : 0 .. FENCES);
    select(joins : 0 .. JOINS);
    me = 0; peer = 0
  }
  // Nothing can happen any more: all tables are equal and nothing is half done. If no core died, one has the name.
  timeout -> d_step {
    assert(!joining && leaving == EMPTY);
    assert(fenced != EMPTY || owner[COORDINATOR] != NONE);
    for (i : 0 .. CORES - 1) {
      if
      :: runs(i) && has(is_in, i) ->
         assert(owner[i] == owner[COORDINATOR] && promised[i] == NONE && kept[i] == EMPTY);
         assert(state[i] != voting && state[i] != committing);
         assert(state[i] != registered || owner[i] == i)
      :: else
      fi
    }
  }
}
