"""Filters and sorts: written as Python expressions, compiled to the JSON that Attio documents. Pure.

A filter is compiled in one pass, which yields what it needs to know of the workspace and is sent the answers.

::

    from attio_async import F, asc

    attio.deals.query((F.value > 500) & (F.stage == "In Progress"), sorts=[asc("created_at")])
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from ._compile import compile_filter as compile_filter
    from ._compile import compile_sorts as compile_sorts
    from ._explain import explain as explain
    from ._fields import F as F
    from ._fields import Field as Field
    from ._fields import Fields as Fields
    from ._fields import Orderable as Orderable
    from ._filters import Condition as Condition
    from ._filters import Filter as Filter
    from ._paths import Step as Step
    from ._paths import Steps as Steps
    from ._requirements import Answer as Answer
    from ._requirements import Members as Members
    from ._requirements import NeedMembers as NeedMembers
    from ._requirements import NeedOptions as NeedOptions
    from ._requirements import NeedParents as NeedParents
    from ._requirements import NeedSchema as NeedSchema
    from ._requirements import NeedSlugs as NeedSlugs
    from ._requirements import Requirement as Requirement
    from ._requirements import SchemaInfo as SchemaInfo
    from ._sorts import Sort as Sort
    from ._sorts import Sorts as Sorts
    from ._sorts import asc as asc
    from ._sorts import desc as desc
