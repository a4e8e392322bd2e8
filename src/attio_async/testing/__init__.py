"""A stateful stand-in for the Attio API, and the virtual clock to test with."""

from .clock import Clock, SystemClock, VirtualClock

__all__ = ["Clock", "SystemClock", "VirtualClock"]
