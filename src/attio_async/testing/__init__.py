"""A stateful stand-in for the Attio API, and the virtual clock to test with."""

from attio_async.testing.clock import Clock, SystemClock, VirtualClock

__all__ = ["Clock", "SystemClock", "VirtualClock"]
