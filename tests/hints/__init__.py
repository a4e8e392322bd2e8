"""Every hint of a message is followed once."""
