"""The cost of operations: the parts of scripts/bench.

Read in this order: runs (boots the system, gives data), figures (of others), tables, plots (from data), page (all of it).
"""
