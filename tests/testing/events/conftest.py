from tests.support import trio_when_full

anyio_backend = trio_when_full
