"""Benchmarks. One that is told to end takes the servers it started along."""

import signal
import sys

if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
