"""`python -m attio_async.cli`."""

from . import main

main()
