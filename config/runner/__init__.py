"""`make run`: web, worker, scheduler and broker as one command on one machine.

One process loads Django and forks the others, so that they share its memory
(stack). What runs is written down in the data directory (record), so that the
next start can end what a crash left.
"""
