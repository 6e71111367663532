"""What operations take: what scripts/bench is made of.

Read in this order: runs (boots the system, gives data), figures (of others), tables, plots (from data), page (all of it).
"""
