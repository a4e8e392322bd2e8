"""`python -m attio_async`: the command line."""

from ._cli import main

main()
