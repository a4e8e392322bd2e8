"""What stops a command before it has written anything."""


class Refusal(Exception):
    """The command cannot start. The message says what is wrong and what would work; nothing was written."""
