// stealing.pml — memory servers that lend each other pieces: no piece is lost or at two servers, and every request ends
// (user/memory/stealing.hh, over the loans of user/agreement/loans.hh).
//
// A server without a free piece asks the others, each once. Rules:
// - A server answers at once from its free pieces, whether or not it waits itself.
// - It gives half of its own pieces, the one that ends the question last; or else one that it has borrowed, by its home.
// - A question ends when its piece comes, with None, or when the server that was asked dies.
// - If the home dies by which a piece is on its way, the giver says None, since no other server would.
// - A piece for a question that has ended goes back.
//
//   Steal ticket             to a peer          give me pieces
//   None ticket              to the asker       not from me
//   Lend ticket, is_more     home to borrower   a piece; is_more: the one that ends the question is still to come
//   Return to, ticket        borrower to home   a piece; give it to server `to`, for its ticket; 0: keep it
//
// Views are those of views.pml, in short: a server is stopped; after that each other one, at some moment, discards the
// messages from it that it has not handled, and makes the pieces that it has borrowed of it its own. Core 0 of user/agreement,
// which then has the dead server's pieces, is not in this model.
//
// Each of these must make the check fail: -D
//   BLOCKS        a server that waits answers when its own wait is over
//   KEEPS         a server gives a piece and has it still
//   FORGETS       a piece for a question that has ended is dropped
//   ASKS_AGAIN    a server asks a peer that has said None once more
//   FIRST_FIRST   the piece that ends the question is sent before the others
//   DEAF          a question does not end when the server that was asked dies
//   NO_NEWS       the giver says nothing when a home dies by which a piece is on its way
//
// Larger bounds (LARGE=1 scripts/check-models):
//   -DALLOCATIONS=6
//   -DPIECES_OF_0=3

#define CORES 3
#ifndef ALLOCATIONS
#define ALLOCATIONS 4  // of all clients, and as many releases
#endif
#ifndef RETURNS
#define RETURNS 1      // loans that are given back when they are free
#endif
#ifndef PIECES_OF_0
#define PIECES_OF_0 2  // free at server 0; server 1 has borrowed one more from it
#endif
#define PIECES (PIECES_OF_0 + 1)
#define NO_CORE CORES

// A set of servers is a byte with a bit for each.
#define ONLY(core) (1 << (core))
#define ALL (ONLY(CORES) - 1)

mtype = { Steal, None, Lend, Return };
chan link[CORES * CORES] = [6] of { mtype, byte, byte };
#define LINK(from, to) link[(from) * CORES + (to)]

// Pieces at a server, by their homes: at its own place the pieces that it has not borrowed.
byte unused[CORES * CORES];
byte used[CORES * CORES];
#define AT(core, home) ((core) * CORES + (home))

byte asked[CORES] = NO_CORE;  // the peer that has not answered; NO_CORE: the server does not wait
byte ticket[CORES];  // of the last question
byte left[CORES];    // the set of peers that this request has not asked
byte questions[CORES];
byte gift_ticket[CORES * CORES];  // at the giver, by receiver: a piece on its way by `gift_home`; 0: none
byte gift_home[CORES * CORES];
byte linked[CORES] = ALL;  // the set of servers that are not dead as far as this one knows
byte dead = NO_CORE;

byte flying, lost;   // pieces in messages, and with a dead server

byte allocations, returns;

#define has(set, core) (((set) >> (core)) & 1)
#define LIVE(core) (dead != (core))

#define FREE_AT(core) (unused[AT(core, 0)] + unused[AT(core, 1)] + unused[AT(core, 2)])
#define USED_AT(core) (used[AT(core, 0)] + used[AT(core, 1)] + used[AT(core, 2)])
#define SUM (FREE_AT(0) + FREE_AT(1) + FREE_AT(2) + USED_AT(0) + USED_AT(1) + USED_AT(2) + flying + lost)

// A client gets a piece, which is there; own ones first.
inline use_one(me) {
  if
  :: unused[AT(me, me)] > 0 -> home = me
  :: else -> home = 0; do :: unused[AT(me, home)] > 0 -> break :: else -> home++ od
  fi;
  unused[AT(me, home)]--; used[AT(me, home)]++
}

// The request goes on with the next peer, or ends.
inline ask_next(me) {
  peer = 0;
  do
  :: peer < CORES && !(has(left[me], peer) && has(linked[me], peer)) -> peer++
  :: else -> break
  od;
  if
  :: peer == CORES -> asked[me] = NO_CORE
  :: else ->
#ifndef ASKS_AGAIN
     left[me] = left[me] & ~ONLY(peer);
#endif
     questions[me]++;
     assert(questions[me] <= CORES - 1);
     asked[me] = peer; ticket[me]++;
     printf("%d asks %d\n", me, peer);
     LINK(me, peer)!Steal(ticket[me], 0)
  fi;
  peer = 0
}

// The piece that ends the question has come.
inline answered(me) {
  asked[me] = NO_CORE;
  use_one(me)
}

inline handle_steal(me, from, its_ticket) {
  gift_ticket[AT(me, from)] = 0;
  if
  :: unused[AT(me, me)] > 0 ->
     count = (unused[AT(me, me)] + 1) / 2;
#ifdef FIRST_FIRST
     LINK(me, from)!Lend(its_ticket, 0); unused[AT(me, me)]--; flying++; count--;
     do
     :: count > 0 -> LINK(me, from)!Lend(its_ticket, 1); unused[AT(me, me)]--; flying++; count--
     :: else -> break
     od
#else
     do
     :: count > 1 -> LINK(me, from)!Lend(its_ticket, 1); unused[AT(me, me)]--; flying++; count--
     :: else -> break
     od;
     LINK(me, from)!Lend(its_ticket, 0); flying++; count = 0;
#ifndef KEEPS
     unused[AT(me, me)]--
#endif
#endif
  :: else ->
     home = 0;
     do :: home < CORES && unused[AT(me, home)] == 0 -> home++ :: else -> break od;
     if
     :: home < CORES ->
        LINK(me, home)!Return(from, its_ticket); unused[AT(me, home)]--; flying++;
        if
        :: home != from -> gift_ticket[AT(me, from)] = its_ticket; gift_home[AT(me, from)] = home
        :: else
        fi
     :: else -> LINK(me, from)!None(its_ticket, 0)
     fi
  fi;
  home = 0
}

inline handle_lend(me, from, its_ticket, is_more) {
  if
  :: asked[me] != NO_CORE && ticket[me] == its_ticket ->
     flying--; unused[AT(me, from)]++;
     if
     :: !is_more -> assert(!(LINK(from, me)??[Lend, eval(its_ticket), 1])); answered(me)
     :: else
     fi
  :: else ->
#ifdef FORGETS
     flying--
#else
     LINK(me, from)!Return(from, 0)
#endif
  fi
}

inline handle_return(me, from, to, its_ticket) {
  if
  :: to != me && has(linked[me], to) -> LINK(me, to)!Lend(its_ticket, 0)
  :: else ->
     flying--; unused[AT(me, me)]++;
     if
     :: to == me && its_ticket != 0 && asked[me] != NO_CORE && ticket[me] == its_ticket -> answered(me)
     :: else
     fi
  fi
}

inline prepare(me) {
  linked[me] = linked[me] & ~ONLY(dead);
  do
  :: LINK(dead, me)?Lend(a, b) -> flying--; lost++
  :: LINK(dead, me)?Return(a, b) -> flying--; lost++
  :: LINK(dead, me)?Steal(a, b)
  :: LINK(dead, me)?None(a, b)
  :: empty(LINK(dead, me)) -> break
  od;
  unused[AT(me, me)] = unused[AT(me, me)] + unused[AT(me, dead)]; unused[AT(me, dead)] = 0;
  used[AT(me, me)] = used[AT(me, me)] + used[AT(me, dead)]; used[AT(me, dead)] = 0;
  gift_ticket[AT(me, dead)] = 0;
#ifndef NO_NEWS
  peer = 0;
  do
  :: peer < CORES ->
     if
     :: gift_ticket[AT(me, peer)] != 0 && gift_home[AT(me, peer)] == dead ->
        LINK(me, peer)!None(gift_ticket[AT(me, peer)], 0); gift_ticket[AT(me, peer)] = 0
     :: else
     fi;
     peer++
  :: else -> break
  od;
  peer = 0;
#endif
#ifndef DEAF
  if
  :: asked[me] == dead -> ask_next(me)
  :: else
  fi;
#endif
  a = 0; b = 0
}

#ifdef BLOCKS
#define MAY_HANDLE(me, from) (asked[me] == NO_CORE || !(LINK(from, me)?[Steal, _, _]))
#else
#define MAY_HANDLE(me, from) true
#endif

inline handle_none(me, from, its_ticket) {
  if
  :: asked[me] != NO_CORE && ticket[me] == its_ticket ->
     assert(!LIVE(from) || !(LINK(from, me)??[Lend, eval(ticket[me]), _]));
     ask_next(me)
  :: else
  fi
}

inline receive(me, from) {
  LINK(from, me)?kind(a, b);
  if
  :: kind == Steal -> handle_steal(me, from, a)
  :: kind == Lend -> handle_lend(me, from, a, b)
  :: kind == Return -> handle_return(me, from, a, b)
  :: kind == None -> handle_none(me, from, a)
  fi;
  a = 0; b = 0; home = 0; kind = 0;
  assert(SUM == PIECES)
}

#define MAY_RECEIVE(me, from) \
  (LIVE(me) && has(linked[me], from) && nempty(LINK(from, me)) && MAY_HANDLE(me, from))

proctype server(byte me) {
  byte peer, home, count, a, b;
  mtype kind;
end_idle:
  do
  // ---- clients
  :: atomic {
       LIVE(me) && allocations < ALLOCATIONS && asked[me] == NO_CORE ->
       allocations++;
       if
       :: FREE_AT(me) > 0 -> use_one(me)
       :: else -> left[me] = ALL & ~ONLY(me); questions[me] = 0; ask_next(me)
       fi;
       home = 0; assert(SUM == PIECES)
     }
  :: atomic {
       LIVE(me) && USED_AT(me) > 0 ->
       home = 0; do :: used[AT(me, home)] > 0 -> break :: else -> home++ od;
       used[AT(me, home)]--; unused[AT(me, home)]++; home = 0
     }
  :: atomic {
       LIVE(me) && returns < RETURNS && FREE_AT(me) > unused[AT(me, me)] ->
       returns++;
       home = 0; do :: home != me && unused[AT(me, home)] > 0 -> break :: else -> home++ od;
       LINK(me, home)!Return(home, 0); unused[AT(me, home)]--; flying++; home = 0; assert(SUM == PIECES)
     }
  // ---- other servers
  :: atomic { MAY_RECEIVE(me, 0) -> receive(me, 0) }
  :: atomic { MAY_RECEIVE(me, 1) -> receive(me, 1) }
  :: atomic { MAY_RECEIVE(me, 2) -> receive(me, 2) }
  // ---- views
  :: atomic { LIVE(me) && dead != NO_CORE && has(linked[me], dead) -> prepare(me); assert(SUM == PIECES) }
  :: atomic {
       dead == NO_CORE ->
       dead = me;
       lost = FREE_AT(me) + USED_AT(me);
       home = 0;
       do
       :: home < CORES -> unused[AT(me, home)] = 0; used[AT(me, home)] = 0; home++
       :: else -> break
       od;
       asked[me] = NO_CORE; home = 0; assert(SUM == PIECES)
     }
  od
}

init {
  atomic {
    unused[AT(0, 0)] = PIECES_OF_0;
    unused[AT(1, 0)] = 1;
    run server(0); run server(1); run server(2)
  }
  // When nothing can happen any more, no server waits.
  timeout -> assert(asked[0] == NO_CORE && asked[1] == NO_CORE && asked[2] == NO_CORE)
}
