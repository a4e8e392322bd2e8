"""A workspace as tables in a database of your own, with a log of what changed. Needs the extra `mirror`.

::

    async with attio.mirror("crm.duckdb", objects=["companies", "deals"], history=["deals.stage"]) as mirror:
        await mirror.refresh()
        rows = await mirror.sql("SELECT name FROM companies")
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from ._mirror import (
        Everything as Everything,
        Mirror as Mirror,
        MirrorFile as MirrorFile,
    )
    from ._report import (
        LeftOut as LeftOut,
        MirrorStatus as MirrorStatus,
        RefreshReport as RefreshReport,
        RowCounts as RowCounts,
        TableChange as TableChange,
        TableReport as TableReport,
    )
