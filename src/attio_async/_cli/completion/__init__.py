"""Completion of commands, options and names by a shell, without a request and without loading the command line."""
