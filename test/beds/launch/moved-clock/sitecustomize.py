"""A clock that a test moves, for a bed whose timers would take an hour.

Python imports this module by its name when it starts. The file that LOCKSTEP_CLOCK names holds the seconds by which
time is ahead. Whoever sleeps wakes when the clock says so: also in the middle, when it was moved. What counts intervals
(time.monotonic, and asyncio with it) is left alone.
"""

import os
import time

_PATH = os.environ["LOCKSTEP_CLOCK"]
_SLICE_SECONDS = 0.05
_time, _sleep = time.time, time.sleep


def _ahead():
    with open(_PATH, encoding="utf-8") as file:
        return float(file.read() or 0)


def _moved_time():
    return _time() + _ahead()


def _moved_sleep(seconds):
    wake_at = _moved_time() + seconds
    while (left := wake_at - _moved_time()) > 0:
        _sleep(min(left, _SLICE_SECONDS))


time.time, time.sleep = _moved_time, _moved_sleep
