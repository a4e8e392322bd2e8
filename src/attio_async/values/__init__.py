"""The 17 attribute types: from the API's value objects to Python values, and back."""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from ._read import read as read
    from ._read import read_value as read_value
    from ._spec import AttributeSpec as AttributeSpec
    from ._types import ActorRef as ActorRef
    from ._types import Interaction as Interaction
    from ._types import Location as Location
    from ._types import Member as Member
    from ._types import Name as Name
    from ._types import PersonName as PersonName
    from ._types import Phone as Phone
    from ._types import RecordRef as RecordRef
    from ._types import Ref as Ref
    from ._types import UnknownValue as UnknownValue
    from ._types import Value as Value
    from ._types import is_uuid as is_uuid
    from ._write import coerce as coerce
    from ._write import coerce_values as coerce_values
