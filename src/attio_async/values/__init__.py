"""The 17 attribute types: from the API's value objects to Python values, and back."""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from ._read import (
        read as read,
        read_value as read_value,
    )
    from ._spec import AttributeSpec as AttributeSpec
    from ._types import (
        ActorRef as ActorRef,
        Interaction as Interaction,
        Location as Location,
        Member as Member,
        Name as Name,
        PersonName as PersonName,
        Phone as Phone,
        RecordRef as RecordRef,
        Ref as Ref,
        UnknownValue as UnknownValue,
        Value as Value,
        is_uuid as is_uuid,
    )
    from ._write import (
        coerce as coerce,
        coerce_values as coerce_values,
    )
