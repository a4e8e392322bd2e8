import pytest


@pytest.fixture(params=["asyncio", pytest.param("trio", marks=pytest.mark.full)])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run the quick tests on one event loop: what differs between the two is below models and plans."""
    return request.param
