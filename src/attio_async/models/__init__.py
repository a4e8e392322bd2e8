"""Models: records and entries whose attributes, options and values a type checker knows.

The standard objects are here: `Person`, `Company`, `Deal`, `User` and `Workspace`. ``attio-async models pull`` makes a
module of the objects and lists of your own workspace::

    from attio_async.models import Deal

    async for deal in attio.of(Deal).query(Deal.value > 500):
        print(deal.name, deal.value)
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from typing import (
        Required as Required,
        TypedDict as TypedDict,
        Unpack as Unpack,
        overload as overload,
    )

    from ._compare import (
        Aspect as Aspect,
        SchemaDifference as SchemaDifference,
    )
    from ._enums import OpenEnum as OpenEnum
    from ._fields import (
        ActorField as ActorField,
        AnyActor as AnyActor,
        AnyMoment as AnyMoment,
        AnyNumber as AnyNumber,
        AnyRecord as AnyRecord,
        CheckboxField as CheckboxField,
        ChoiceField as ChoiceField,
        Clearable as Clearable,
        CountryField as CountryField,
        CountryPartField as CountryPartField,
        DateField as DateField,
        DomainField as DomainField,
        EmailAddressField as EmailAddressField,
        Equatable as Equatable,
        IdField as IdField,
        InteractionField as InteractionField,
        InteractionMomentField as InteractionMomentField,
        InteractionOwnerField as InteractionOwnerField,
        InteractionTypeField as InteractionTypeField,
        LocationField as LocationField,
        ModelField as ModelField,
        MomentField as MomentField,
        NumberField as NumberField,
        OptionalTextField as OptionalTextField,
        Ordered as Ordered,
        PersonalNameField as PersonalNameField,
        PhoneNumberField as PhoneNumberField,
        Searchable as Searchable,
        TextField as TextField,
        TimestampField as TimestampField,
    )
    from ._inputs import (
        ActorInput as ActorInput,
        AnyInput as AnyInput,
        CheckboxInput as CheckboxInput,
        DateInput as DateInput,
        LocationInput as LocationInput,
        NumberInput as NumberInput,
        PersonalNameInput as PersonalNameInput,
        PhoneNumberInput as PhoneNumberInput,
        RecordInput as RecordInput,
        Several as Several,
        TextInput as TextInput,
        TimestampInput as TimestampInput,
    )
    from ._models import (
        ACTOR as ACTOR,
        CHECKBOX as CHECKBOX,
        CURRENCY as CURRENCY,
        DATE as DATE,
        DOMAIN as DOMAIN,
        EMAIL_ADDRESS as EMAIL_ADDRESS,
        ID as ID,
        INTERACTION as INTERACTION,
        LOCATION as LOCATION,
        NUMBER as NUMBER,
        PERSONAL_NAME as PERSONAL_NAME,
        PHONE_NUMBER as PHONE_NUMBER,
        RATING as RATING,
        RECORD as RECORD,
        TEXT as TEXT,
        TIMESTAMP as TIMESTAMP,
        EntryModel as EntryModel,
        Many as Many,
        Model as Model,
        ModelAttribute as ModelAttribute,
        ModelInfo as ModelInfo,
        One as One,
        RecordModel as RecordModel,
        ReferenceField as ReferenceField,
        SourceWorkspace as SourceWorkspace,
        ValueKind as ValueKind,
        any_parent as any_parent,
        other as other,
        parent as parent,
        record as record,
        select as select,
        status as status,
    )
    from ._plan import (
        Prune as Prune,
        SchemaChange as SchemaChange,
        SchemaPlan as SchemaPlan,
        Symbol as Symbol,
    )
    from ._rows import (
        Bindable as Bindable,
        Binding as Binding,
        ModelEntries as ModelEntries,
        ModelRecords as ModelRecords,
    )
    from ._schema import (
        SchemaAttribute as SchemaAttribute,
        SchemaList as SchemaList,
        SchemaObject as SchemaObject,
        SchemaOption as SchemaOption,
    )
    from ._standard import (
        Company as Company,
        CompanyCreate as CompanyCreate,
        CompanyRecords as CompanyRecords,
        CompanyUpdate as CompanyUpdate,
        Deal as Deal,
        DealCreate as DealCreate,
        DealRecords as DealRecords,
        DealUpdate as DealUpdate,
        Person as Person,
        PersonCreate as PersonCreate,
        PersonRecords as PersonRecords,
        PersonUpdate as PersonUpdate,
        User as User,
        UserCreate as UserCreate,
        UserRecords as UserRecords,
        UserUpdate as UserUpdate,
        Workspace as Workspace,
        WorkspaceCreate as WorkspaceCreate,
        WorkspaceRecords as WorkspaceRecords,
        WorkspaceUpdate as WorkspaceUpdate,
    )
    from ._workspace import (
        Schema as Schema,
        WorkspaceSchema as WorkspaceSchema,
    )
