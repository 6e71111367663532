"""Figures of other systems, to be read beside ours.

PAPER: Baumann et al., "The Multikernel", SOSP 2009: cycles of the machines of its time. EMULATED: other systems in the same
emulator (QEMU 7.2, TCG, -icount shift=0), guest instructions of all cores together, as medians, and cache lines as the scope
counts them.
"""

LRPC = [  # table 1, cycles, one way
    ("2×4-core Intel", 845),
    ("2×2-core AMD", 757),
    ("4×4-core AMD", 1463),
    ("8×4-core AMD", 1549),
]

URPC = [  # table 2: cycles, messages per 1000 cycles with 16 slots
    ("2×4-core Intel, shared cache", 180, 11.97),
    ("2×2-core AMD, same die", 450, 3.42),
    ("8×4-core AMD, two hops", 618, 2.75),
]

LINES = [  # table 3, 2×2-core AMD: cycles, messages per 1000 cycles, lines of code, lines of data
    ("URPC", 450, 3.42, 9, 8),
    ("L4 IPC", 424, 2.36, 25, 13),
]

# Figures 6 and 7, 8×4-core AMD: cycles of a line of URPC between cores two hops apart (table 2), and of one more core in a message to all,
# by unicast, and its answer (figure 6: (12,790 - 1,130) / 30). Half of these are the sender's, half the receiver's; the rest of the
# latency is the line's way.
LINE_LATENCY, CORE_OF_UNICAST = 618, 389
LINE_COSTS = (CORE_OF_UNICAST // 2, CORE_OF_UNICAST // 2, LINE_LATENCY - CORE_OF_UNICAST)

# Cores that know the page: instructions.
EMULATED_MPROTECT = {1: 2965, 2: 3785, 4: 4862, 8: 6989}
EMULATED_MUNMAP = {1: 13980, 2: 15576, 4: 17100, 8: 18200}

EMULATED_LRPC = [
    ("seL4, call; reply", "194; 221"),
    ("Barrelfish, one way", "978"),
    ("Linux 6.1, futex; pipe, there and back", "9,279; 10,864"),
    ("xv6, pipe, there and back", "27,249"),
]

# What, instructions, lines fetched, lines upgraded.
EMULATED_THERE_AND_BACK = [
    ("ring of 64-byte lines, Linux 6.1, both spin", 103, 2, 2),
    ("Barrelfish UMP", 98, 4, 4),
]
EMULATED_ONE_WAY = ("ring of 64-byte lines, Linux 6.1", 35)
EMULATED_SLEEPING = [
    ("seL4, across cores", 2799, 46, 30),
    ("Linux 6.1, eventfd", 15471, None, None),
    ("Linux 6.1, pipe", 17664, 250, 130),
    ("xv6, pipe", 29348, 27, 19),
]
