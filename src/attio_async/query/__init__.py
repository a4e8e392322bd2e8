"""Filters and sorts: written as Python expressions, compiled to the JSON that Attio documents. Pure.

A filter is compiled in one pass, which yields what it needs to know of the workspace and is sent the answers.

::

    from attio_async import F, asc

    attio.deals.query((F.value > 500) & (F.stage == "In Progress"), sorts=[asc("created_at")])
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from ._compile import (
        compile_filter as compile_filter,
        compile_sorts as compile_sorts,
    )
    from ._explain import explain as explain
    from ._fields import (
        F as F,
        Field as Field,
        FieldPath as FieldPath,
        Fields as Fields,
        Orderable as Orderable,
    )
    from ._filters import (
        Condition as Condition,
        Filter as Filter,
        Step as Step,
        Steps as Steps,
        Via as Via,
    )
    from ._requirements import (
        Answer as Answer,
        Members as Members,
        NeedMembers as NeedMembers,
        NeedOptions as NeedOptions,
        NeedParents as NeedParents,
        NeedSchema as NeedSchema,
        NeedSlugs as NeedSlugs,
        Requirement as Requirement,
        SchemaInfo as SchemaInfo,
    )
    from ._sorts import (
        Sort as Sort,
        Sorts as Sorts,
        asc as asc,
        desc as desc,
    )
