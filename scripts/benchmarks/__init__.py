"""The cost of operations: the parts of scripts/bench, and of scripts/bench-linux.

Read in this order: runs (boots the system, gives data), figures (of others), tables, plots (from data), page (all of it). Then
linux_guest (boots Linux), rows (what both systems' programs print), linux_runs, linux_tables, linux_page.
"""
