ACTOR: Final

class ActorField(Equatable[AnyActor]):
    ...

ActorInput = Member | ActorRef | WorkspaceMember | UUID | str

AnyActor = ActorRef | Member | UUID | str

AnyInput = Any

AnyMoment = datetime | date

AnyNumber = int | float | Decimal

AnyRecord = Record | RecordRef | Ref | UUID | str

Aspect = Literal['object', 'list', 'attribute', 'option']

class Bindable(Protocol[R_co]):
    ...

class Binding:
    rows: Callable[[str, Any, Mapping[str, str]], Any]

CHECKBOX: Final

CURRENCY: Final

class CheckboxField(Equatable[bool]):
    ...

CheckboxInput = bool

class ChoiceField(Equatable[E], Generic[E]):
    @property
    def active_from(self) -> MomentField: ...

class Clearable(ModelField):
    def is_empty(self) -> Filter: ...
    def not_empty(self) -> Condition: ...

class Company(models.RecordModel):
    domains: Final
    name: Final
    description: Final
    team: Final
    class Categories(models.OpenEnum):
        OPTION_3D_PRINTING = '3D Printing'
        ACCOUNTING = 'Accounting'
        AEROSPACE_AND_DEFENSE = 'Aerospace & Defense'
        AGRICULTURE = 'Agriculture'
        AIRLINES = 'Airlines'
        ALTERNATIVE_MEDICINE = 'Alternative Medicine'
        ANIMATION = 'Animation'
        APPAREL_AND_FOOTWEAR = 'Apparel & Footwear'
        ARCHITECTURE = 'Architecture'
        ARTS = 'Arts'
        ARTS_AND_CRAFTS = 'Arts & Crafts'
        ASSET_MANAGEMENT = 'Asset Management'
        AUDIO = 'Audio'
        AUTOMATION = 'Automation'
        AUTOMOTIVE = 'Automotive'
        B2B = 'B2B'
        B2C = 'B2C'
        BANKING_AND_MORTGAGES = 'Banking & Mortgages'
        BEVERAGES = 'Beverages'
        BIOTECHNOLOGY = 'Biotechnology'
        BROADCASTING = 'Broadcasting'
        BUILDING_MATERIALS = 'Building Materials'
        BUSINESS_SUPPLIES = 'Business Supplies'
        CHEMICALS = 'Chemicals'
        CIVIL_ENGINEERING = 'Civil Engineering'
        CLOUD_SERVICES = 'Cloud Services'
        COMMUNICATIONS = 'Communications'
        COMPUTER_HARDWARE = 'Computer Hardware'
        CONSTRUCTION = 'Construction'
        CONSTRUCTION_CONTRACTORS_AND_SERVICES = 'Construction Contractors & Services'
        CONSULTING_AND_PROFESSIONAL_SERVICES = 'Consulting & Professional Services'
        CONSUMER_DISCRETIONARY = 'Consumer Discretionary'
        CONSUMER_ELECTRONICS = 'Consumer Electronics'
        CONSUMER_GOODS = 'Consumer Goods'
        CONSUMER_STAPLES = 'Consumer Staples'
        CORPORATE_AND_BUSINESS = 'Corporate & Business'
        COSMETICS = 'Cosmetics'
        DESIGN = 'Design'
        E_COMMERCE = 'E-commerce'
        E_COMMERCE_AND_MARKETPLACES = 'E-Commerce & Marketplaces'
        E_LEARNING = 'E-Learning'
        EDUCATION = 'Education'
        ELECTRICAL = 'Electrical'
        ENERGY = 'Energy'
        ENERGY_AND_UTILITIES = 'Energy & Utilities'
        ENTERPRISE = 'Enterprise'
        ENTERTAINMENT_AND_RECREATION = 'Entertainment & Recreation'
        EVENTS = 'Events'
        EYEWEAR = 'Eyewear'
        FACILITIES = 'Facilities'
        FAMILY_SERVICES = 'Family Services'
        FINANCE = 'Finance'
        FINANCIAL_SERVICES = 'Financial Services'
        FINE_ART = 'Fine Art'
        FIREARMS = 'Firearms'
        FISHERY = 'Fishery'
        FOOD = 'Food'
        FOOD_PRODUCTION = 'Food Production'
        FORUMS = 'Forums'
        FUNDRAISING = 'Fundraising'
        GAMBLING_AND_CASINOS = 'Gambling & Casinos'
        GOVERNMENT = 'Government'
        GROUND_TRANSPORTATION = 'Ground Transportation'
        HEALTH_AND_WELLNESS = 'Health & Wellness'
        HEALTH_CARE = 'Health Care'
        HIGHER_EDUCATION = 'Higher Education'
        HOME_AND_FURNITURE = 'Home & Furniture'
        HOME_IMPROVEMENT = 'Home Improvement'
        HUMAN_RESOURCES = 'Human Resources'
        IMPORT_AND_EXPORT = 'Import & Export'
        INDUSTRIALS_AND_MANUFACTURING = 'Industrials & Manufacturing'
        INFORMATION_TECHNOLOGY_AND_SERVICES = 'Information Technology & Services'
        INSURANCE = 'Insurance'
        INTERNATIONAL_RELATIONS = 'International Relations'
        INTERNATIONAL_TRADE = 'International Trade'
        INTERNET = 'Internet'
        INVESTMENT = 'Investment'
        INVESTMENT_BANKING = 'Investment Banking'
        INVESTMENT_MANAGEMENT = 'Investment Management'
        ISP = 'ISP'
        JEWELRY_WATCHES_AND_LUXURY_GOODS = 'Jewelry, Watches & Luxury Goods'
        JUDICIARY = 'Judiciary'
        LAW_ENFORCEMENT = 'Law Enforcement'
        LEGAL_SERVICES = 'Legal Services'
        LIBRARIES = 'Libraries'
        MACHINERY = 'Machinery'
        MARITIME = 'Maritime'
        MARKET_RESEARCH = 'Market Research'
        MARKETING_AND_ADVERTISING = 'Marketing & Advertising'
        MARKETPLACE = 'Marketplace'
        MECHANICAL_ENGINEERING = 'Mechanical Engineering'
        MEDIA = 'Media'
        MEDICINE = 'Medicine'
        MILITARY = 'Military'
        MINING_AND_METALS = 'Mining & Metals'
        MOBILE = 'Mobile'
        MOVIES_AND_TV = 'Movies & TV'
        MUSEUMS = 'Museums'
        MUSIC = 'Music'
        NANOTECHNOLOGY = 'Nanotechnology'
        NETWORKING = 'Networking'
        NON_PROFIT_AND_PHILANTHROPY = 'Non-Profit & Philanthropy'
        OIL_AND_GAS = 'Oil & Gas'
        OUTSOURCING = 'Outsourcing'
        PACKAGING_AND_CONTAINERS = 'Packaging & Containers'
        PAPER_GOODS = 'Paper Goods'
        PAYMENTS = 'Payments'
        PERFORMING_ARTS = 'Performing Arts'
        PHARMACEUTICALS = 'Pharmaceuticals'
        PHARMACY = 'Pharmacy'
        PHOTOGRAPHY = 'Photography'
        PLASTICS = 'Plastics'
        PLUMBING = 'Plumbing'
        POLITICAL_ORGANIZATION = 'Political Organization'
        PORNOGRAPHY = 'Pornography'
        PRIMARY_AND_SECONDARY_EDUCATION = 'Primary & Secondary Education'
        PRINTING = 'Printing'
        PUBLIC_RELATIONS = 'Public Relations'
        PUBLISHING = 'Publishing'
        RANCHING = 'Ranching'
        REAL_ESTATE = 'Real Estate'
        RELIGION = 'Religion'
        RENEWABLES_AND_ENVIRONMENT = 'Renewables & Environment'
        RESTAURANTS = 'Restaurants'
        RETAIL = 'Retail'
        SAAS = 'SAAS'
        SANITIZATION_SERVICES = 'Sanitization Services'
        SCIENTIFIC_AND_ACADEMIC_RESEARCH = 'Scientific & Academic Research'
        SECURITY = 'Security'
        SERVICES = 'Services'
        SHIPBUILDING = 'Shipbuilding'
        SHIPPING_AND_LOGISTICS = 'Shipping & Logistics'
        SOCIETY = 'Society'
        SPORTING_GOODS = 'Sporting Goods'
        SPORTS_AND_FITNESS = 'Sports & Fitness'
        STORES = 'Stores'
        TALENT_AGENCIES = 'Talent Agencies'
        TECHNOLOGY = 'Technology'
        TELECOMMUNICATIONS = 'Telecommunications'
        TEXTILES = 'Textiles'
        TOBACCO = 'Tobacco'
        TOOLS = 'Tools'
        TRANSLATION = 'Translation'
        TRANSPORTATION = 'Transportation'
        TRAVEL_AND_LEISURE = 'Travel & Leisure'
        UTILITIES = 'Utilities'
        VENTURE_CAPITAL = 'Venture Capital'
        VETERINARY = 'Veterinary'
        VIDEO_GAMES = 'Video Games'
        WAREHOUSING = 'Warehousing'
        WEB_SERVICES_AND_APPS = 'Web Services & Apps'
        WHOLESALE = 'Wholesale'
    categories: Final
    primary_location: Final
    logo_url: Final
    angellist: Final
    facebook: Final
    instagram: Final
    linkedin: Final
    twitter: Final
    twitter_follower_count: Final
    class EstimatedArrUsd(models.OpenEnum):
        UNDER_1M = '<$1M'
        OPTION_1M_10M = '$1M-$10M'
        OPTION_10M_50M = '$10M-$50M'
        OPTION_50M_100M = '$50M-$100M'
        OPTION_100M_250M = '$100M-$250M'
        OPTION_250M_500M = '$250M-$500M'
        OPTION_500M_1B = '$500M-$1B'
        OPTION_1B_10B = '$1B-$10B'
        OPTION_10B_PLUS = '$10B+'
    estimated_arr_usd: Final
    funding_raised_usd: Final
    foundation_date: Final
    class EmployeeRange(models.OpenEnum):
        OPTION_1_10 = '1-10'
        OPTION_11_50 = '11-50'
        OPTION_51_250 = '51-250'
        OPTION_251_1K = '251-1K'
        OPTION_1K_5K = '1K-5K'
        OPTION_5K_10K = '5K-10K'
        OPTION_10K_50K = '10K-50K'
        OPTION_50K_100K = '50K-100K'
        OPTION_100K_PLUS = '100K+'
    employee_range: Final
    first_calendar_interaction: Final
    last_calendar_interaction: Final
    next_calendar_interaction: Final
    first_email_interaction: Final
    last_email_interaction: Final
    first_interaction: Final
    last_interaction: Final
    next_interaction: Final
    strongest_connection_strength_legacy: Final
    class StrongestConnectionStrength(models.OpenEnum):
        VERY_WEAK = 'Very weak'
        WEAK = 'Weak'
        GOOD = 'Good'
        STRONG = 'Strong'
        VERY_STRONG = 'Very strong'
    strongest_connection_strength: Final
    strongest_connection_user: Final
    associated_deals: Final
    associated_workspaces: Final
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class CompanyCreate(models.TypedDict):
    domains: models.Several[models.TextInput] | None
    name: models.TextInput | None
    description: models.TextInput | None
    team: models.Several[models.RecordInput] | None
    categories: models.Several[Company.Categories] | None
    primary_location: models.LocationInput | None
    angellist: models.TextInput | None
    facebook: models.TextInput | None
    instagram: models.TextInput | None
    linkedin: models.TextInput | None
    twitter: models.TextInput | None
    estimated_arr_usd: Company.EstimatedArrUsd | None
    funding_raised_usd: models.NumberInput | None
    foundation_date: models.DateInput | None
    employee_range: Company.EmployeeRange | None
    associated_deals: models.Several[models.RecordInput] | None
    associated_workspaces: models.Several[models.RecordInput] | None

class CompanyRecords(models.ModelRecords[Company, CompanyUpdate]):
    name: str
    async def create(self, values: models.AnyInput = None, /, *, validate: bool = True, **more: object) -> Company: ...
    def create_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def edit(self, id: object, *, set: V | None = None, add: V | None = None, remove: V | None = None, clear: Iterable[str] = (), merge: bool = False) -> M: ...
    async def explain(self, filter: AnyFilter) -> str: ...
    async def export(self, target: ExportTarget, *, format: FormatName | Format | None = None, filter: AnyFilter | None = None, view: object = None, select: Iterable[str] | None = None, resume: bool = False, parallel: int = PARALLEL, ordered: bool = False, progress: ProgressChoice = False) -> ExportResult: ...
    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> R | None: ...
    async def get(self, id: object) -> R: ...
    async def get_many(self, ids: Iterable[object]) -> Found[R]: ...
    async def history(self, id: object, attribute: object) -> list[Value]: ...
    def query(self, filter: AnyFilter | None = None, *, sorts: Sorts = None, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE) -> Paginator[R]: ...
    async def replace_history(self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False) -> list[Value]: ...
    def scan(self, filter: AnyFilter | None = None, *, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE, resume: str | None = None, parallel: int = 1, ordered: bool = False) -> Scan[R]: ...
    async def schema(self) -> ObjectSchema: ...
    async def update(self, id: object, values: V, *, multiselect: Multiselect = 'append', validate: bool = True) -> M: ...
    def update_many(self, rows: Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None, *, multiselect: Multiselect = 'append', compare: bool = True, **options: Unpack[BulkOptions]) -> BulkJob: ...

class CompanyUpdate(models.TypedDict):
    domains: models.Several[models.TextInput] | None
    name: models.TextInput | None
    description: models.TextInput | None
    team: models.Several[models.RecordInput] | None
    categories: models.Several[Company.Categories] | None
    primary_location: models.LocationInput | None
    angellist: models.TextInput | None
    facebook: models.TextInput | None
    instagram: models.TextInput | None
    linkedin: models.TextInput | None
    twitter: models.TextInput | None
    estimated_arr_usd: Company.EstimatedArrUsd | None
    funding_raised_usd: models.NumberInput | None
    foundation_date: models.DateInput | None
    employee_range: Company.EmployeeRange | None
    associated_deals: models.Several[models.RecordInput] | None
    associated_workspaces: models.Several[models.RecordInput] | None

class CountryField(Equatable[str], Clearable):
    ...

class CountryPartField(Equatable[str]):
    def starts_with(self, text: str) -> Condition: ...

DATE: Final

DOMAIN: Final

class DateField(Equatable[date], Ordered[date]):
    ...

DateInput = date | str

class Deal(models.RecordModel):
    name: Final
    class Stage(models.OpenEnum):
        LEAD = 'Lead'
        IN_PROGRESS = 'In Progress'
        WON = 'Won 🎉'
        LOST = 'Lost'
    stage: Final
    owner: Final
    value: Final
    associated_people: Final
    associated_company: Final
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class DealCreate(models.TypedDict):
    name: models.Required[models.TextInput]
    stage: models.Required[Deal.Stage]
    owner: models.Required[models.ActorInput]
    value: models.NumberInput | None
    associated_people: models.Several[models.RecordInput] | None
    associated_company: models.RecordInput | None

class DealRecords(models.ModelRecords[Deal, DealUpdate]):
    name: str
    async def create(self, values: models.AnyInput = None, /, *, validate: bool = True, **more: object) -> Deal: ...
    def create_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def edit(self, id: object, *, set: V | None = None, add: V | None = None, remove: V | None = None, clear: Iterable[str] = (), merge: bool = False) -> M: ...
    async def explain(self, filter: AnyFilter) -> str: ...
    async def export(self, target: ExportTarget, *, format: FormatName | Format | None = None, filter: AnyFilter | None = None, view: object = None, select: Iterable[str] | None = None, resume: bool = False, parallel: int = PARALLEL, ordered: bool = False, progress: ProgressChoice = False) -> ExportResult: ...
    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> R | None: ...
    async def get(self, id: object) -> R: ...
    async def get_many(self, ids: Iterable[object]) -> Found[R]: ...
    async def history(self, id: object, attribute: object) -> list[Value]: ...
    def query(self, filter: AnyFilter | None = None, *, sorts: Sorts = None, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE) -> Paginator[R]: ...
    async def replace_history(self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False) -> list[Value]: ...
    def scan(self, filter: AnyFilter | None = None, *, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE, resume: str | None = None, parallel: int = 1, ordered: bool = False) -> Scan[R]: ...
    async def schema(self) -> ObjectSchema: ...
    async def update(self, id: object, values: V, *, multiselect: Multiselect = 'append', validate: bool = True) -> M: ...
    def update_many(self, rows: Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None, *, multiselect: Multiselect = 'append', compare: bool = True, **options: Unpack[BulkOptions]) -> BulkJob: ...

class DealUpdate(models.TypedDict):
    name: models.TextInput | None
    stage: Deal.Stage | None
    owner: models.ActorInput | None
    value: models.NumberInput | None
    associated_people: models.Several[models.RecordInput] | None
    associated_company: models.RecordInput | None

class DomainField(OptionalTextField):
    @property
    def root_domain(self) -> OptionalTextField: ...

EMAIL_ADDRESS: Final

class EmailAddressField(TextField):
    @property
    def email_domain(self) -> TextField: ...
    @property
    def email_root_domain(self) -> TextField: ...
    @property
    def email_local_specifier(self) -> TextField: ...

class EntryModel(Model, Entry):
    entry_id: ModelAttribute[IdField, str]
    created_at: One[TimestampField, datetime]
    created_by: One[ActorField, ActorRef]
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class Equatable(ModelField, Generic[T]):
    def __eq__(self, value: T) -> Condition: ...
    def __ne__(self, value: T) -> Filter: ...
    def in_(self, *values: T | Iterable[T]) -> Condition: ...

ID: Final

INTERACTION: Final

class IdField(Equatable[UUID | str]):
    ...

class InteractionField(Clearable):
    @property
    def interaction_type(self) -> InteractionTypeField: ...
    @property
    def interacted_at(self) -> InteractionMomentField: ...
    @property
    def owner_member_id(self) -> InteractionOwnerField: ...

class InteractionMomentField(Equatable[datetime], Ordered[AnyMoment]):
    ...

class InteractionOwnerField(Equatable[AnyActor], Clearable):
    ...

class InteractionTypeField(Equatable[str], Clearable):
    ...

LOCATION: Final

class LocationField(Equatable[Location]):
    @property
    def line_1(self) -> TextField: ...
    @property
    def line_2(self) -> TextField: ...
    @property
    def line_3(self) -> TextField: ...
    @property
    def line_4(self) -> TextField: ...
    @property
    def locality(self) -> TextField: ...
    @property
    def region(self) -> TextField: ...
    @property
    def postcode(self) -> TextField: ...
    @property
    def country_code(self) -> CountryPartField: ...

LocationInput = Location

class Many(ModelAttribute[F, list[T]]):
    is_many: bool

class Model(AttributeMapping):
    @classmethod
    def model_info(cls) -> ModelInfo: ...
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class ModelAttribute(Generic[F_co, R_co]):
    is_many: bool
    kind: ValueKind[Any, Any]
    slug: str
    id: str
    required: bool
    name: str
    def __init__(self, kind: ValueKind[Any, Any], slug: str, *, id: str = '', required: bool = False) -> None: ...
    def field(self, path: Steps) -> F_co: ...

class ModelEntries(ModelRows[EM, V]):
    name: str
    def create_many(self, rows: Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def edit(self, id: object, *, set: V | None = None, add: V | None = None, remove: V | None = None, clear: Iterable[str] = (), merge: bool = False) -> M: ...
    async def explain(self, filter: AnyFilter) -> str: ...
    async def export(self, target: ExportTarget, *, format: FormatName | Format | None = None, filter: AnyFilter | None = None, view: object = None, select: Iterable[str] | None = None, resume: bool = False, parallel: int = PARALLEL, ordered: bool = False, progress: ProgressChoice = False) -> ExportResult: ...
    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> R | None: ...
    async def get(self, id: object) -> R: ...
    async def get_many(self, ids: Iterable[object]) -> Found[R]: ...
    async def history(self, id: object, attribute: object) -> list[Value]: ...
    def query(self, filter: AnyFilter | None = None, *, sorts: Sorts = None, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE) -> Paginator[R]: ...
    async def replace_history(self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False) -> list[Value]: ...
    def scan(self, filter: AnyFilter | None = None, *, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE, resume: str | None = None, parallel: int = 1, ordered: bool = False) -> Scan[R]: ...
    async def schema(self) -> ObjectSchema: ...
    async def update(self, id: object, values: V, *, multiselect: Multiselect = 'append', validate: bool = True) -> M: ...
    def update_many(self, rows: Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None, *, multiselect: Multiselect = 'append', compare: bool = True, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def upsert(self, parent: object, values: V | None = None, *, validate: bool = True) -> EM: ...
    def upsert_many(self, rows: Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None, *, compare: bool = True, **options: Unpack[BulkOptions]) -> BulkJob: ...

class ModelField(FieldPath):
    __ne__ = __eq__
    def __eq__(self, other: object) -> NoReturn: ...
    def __ge__(self, other: object) -> NoReturn: ...
    def __getattr__(self, name: str) -> NoReturn: ...
    def __gt__(self, other: object) -> NoReturn: ...
    def __le__(self, other: object) -> NoReturn: ...
    def __lt__(self, other: object) -> NoReturn: ...

class ModelInfo:
    name: str
    by_name: Mapping[str, ModelAttribute[Any, Any]]
    by_slug: Mapping[str, ModelAttribute[Any, Any]]

class ModelRecords(ModelRows[RM, V]):
    name: str
    def create_many(self, rows: Iterable[V | Row] | AsyncIterable[V | Row] | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def edit(self, id: object, *, set: V | None = None, add: V | None = None, remove: V | None = None, clear: Iterable[str] = (), merge: bool = False) -> M: ...
    async def explain(self, filter: AnyFilter) -> str: ...
    async def export(self, target: ExportTarget, *, format: FormatName | Format | None = None, filter: AnyFilter | None = None, view: object = None, select: Iterable[str] | None = None, resume: bool = False, parallel: int = PARALLEL, ordered: bool = False, progress: ProgressChoice = False) -> ExportResult: ...
    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> R | None: ...
    async def get(self, id: object) -> R: ...
    async def get_many(self, ids: Iterable[object]) -> Found[R]: ...
    async def history(self, id: object, attribute: object) -> list[Value]: ...
    def query(self, filter: AnyFilter | None = None, *, sorts: Sorts = None, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE) -> Paginator[R]: ...
    async def replace_history(self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False) -> list[Value]: ...
    def scan(self, filter: AnyFilter | None = None, *, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE, resume: str | None = None, parallel: int = 1, ordered: bool = False) -> Scan[R]: ...
    async def schema(self) -> ObjectSchema: ...
    async def update(self, id: object, values: V, *, multiselect: Multiselect = 'append', validate: bool = True) -> M: ...
    def update_many(self, rows: Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None, *, multiselect: Multiselect = 'append', compare: bool = True, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def upsert(self, values: V, *, match: str, validate: bool = True) -> RM: ...
    def upsert_many(self, rows: Iterable[V | Row] | AsyncIterable[V | Row] | None, *, match: str | MatchOn, compare: bool = True, **options: Unpack[BulkOptions]) -> BulkJob: ...

class MomentField(Ordered[AnyMoment]):
    ...

NUMBER: Final

class NumberField(Equatable[AnyNumber], Ordered[AnyNumber]):
    ...

NumberInput = int | float | Decimal | str

class One(ModelAttribute[F, T | None]):
    ...

class OpenEnum(StrEnum):
    ids: tuple[str, ...]

class OptionalTextField(TextField, Clearable):
    ...

class Ordered(ModelField, Generic[Ord]):
    def __ge__(self, value: Ord) -> Condition: ...
    def __gt__(self, value: Ord) -> Condition: ...
    def __le__(self, value: Ord) -> Condition: ...
    def __lt__(self, value: Ord) -> Condition: ...
    def between(self, low: Ord, high: Ord) -> Condition: ...

PERSONAL_NAME: Final

PHONE_NUMBER: Final

class Person(models.RecordModel):
    name: Final
    email_addresses: Final
    description: Final
    company: Final
    job_title: Final
    avatar_url: Final
    phone_numbers: Final
    primary_location: Final
    angellist: Final
    facebook: Final
    instagram: Final
    linkedin: Final
    twitter: Final
    twitter_follower_count: Final
    first_calendar_interaction: Final
    last_calendar_interaction: Final
    next_calendar_interaction: Final
    first_email_interaction: Final
    last_email_interaction: Final
    first_interaction: Final
    last_interaction: Final
    next_interaction: Final
    strongest_connection_strength_legacy: Final
    class StrongestConnectionStrength(models.OpenEnum):
        VERY_WEAK = 'Very weak'
        WEAK = 'Weak'
        GOOD = 'Good'
        STRONG = 'Strong'
        VERY_STRONG = 'Very strong'
    strongest_connection_strength: Final
    strongest_connection_user: Final
    associated_deals: Final
    associated_users: Final
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class PersonCreate(models.TypedDict):
    name: models.PersonalNameInput | None
    email_addresses: models.Several[models.TextInput] | None
    description: models.TextInput | None
    company: models.RecordInput | None
    job_title: models.TextInput | None
    phone_numbers: models.Several[models.PhoneNumberInput] | None
    primary_location: models.LocationInput | None
    angellist: models.TextInput | None
    facebook: models.TextInput | None
    instagram: models.TextInput | None
    linkedin: models.TextInput | None
    twitter: models.TextInput | None
    associated_deals: models.Several[models.RecordInput] | None
    associated_users: models.Several[models.RecordInput] | None

class PersonRecords(models.ModelRecords[Person, PersonUpdate]):
    name: str
    async def create(self, values: models.AnyInput = None, /, *, validate: bool = True, **more: object) -> Person: ...
    def create_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def edit(self, id: object, *, set: V | None = None, add: V | None = None, remove: V | None = None, clear: Iterable[str] = (), merge: bool = False) -> M: ...
    async def explain(self, filter: AnyFilter) -> str: ...
    async def export(self, target: ExportTarget, *, format: FormatName | Format | None = None, filter: AnyFilter | None = None, view: object = None, select: Iterable[str] | None = None, resume: bool = False, parallel: int = PARALLEL, ordered: bool = False, progress: ProgressChoice = False) -> ExportResult: ...
    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> R | None: ...
    async def get(self, id: object) -> R: ...
    async def get_many(self, ids: Iterable[object]) -> Found[R]: ...
    async def history(self, id: object, attribute: object) -> list[Value]: ...
    def query(self, filter: AnyFilter | None = None, *, sorts: Sorts = None, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE) -> Paginator[R]: ...
    async def replace_history(self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False) -> list[Value]: ...
    def scan(self, filter: AnyFilter | None = None, *, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE, resume: str | None = None, parallel: int = 1, ordered: bool = False) -> Scan[R]: ...
    async def schema(self) -> ObjectSchema: ...
    async def update(self, id: object, values: V, *, multiselect: Multiselect = 'append', validate: bool = True) -> M: ...
    def update_many(self, rows: Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None, *, multiselect: Multiselect = 'append', compare: bool = True, **options: Unpack[BulkOptions]) -> BulkJob: ...

class PersonUpdate(models.TypedDict):
    name: models.PersonalNameInput | None
    email_addresses: models.Several[models.TextInput] | None
    description: models.TextInput | None
    company: models.RecordInput | None
    job_title: models.TextInput | None
    phone_numbers: models.Several[models.PhoneNumberInput] | None
    primary_location: models.LocationInput | None
    angellist: models.TextInput | None
    facebook: models.TextInput | None
    instagram: models.TextInput | None
    linkedin: models.TextInput | None
    twitter: models.TextInput | None
    associated_deals: models.Several[models.RecordInput] | None
    associated_users: models.Several[models.RecordInput] | None

class PersonalNameField(Equatable[Name | PersonName | str], Searchable, Clearable):
    @property
    def first_name(self) -> OptionalTextField: ...
    @property
    def last_name(self) -> OptionalTextField: ...
    @property
    def full_name(self) -> OptionalTextField: ...

PersonalNameInput = Name | PersonName | str

class PhoneNumberField(Equatable[Phone | str], Searchable):
    @property
    def country_code(self) -> CountryField: ...

PhoneNumberInput = Phone | str

Prune = Literal['archive']

RATING: Final

RECORD: Final

RecordInput = Record | RecordRef | Ref | UUID | str

class RecordModel(Model, Record):
    record_id: ModelAttribute[IdField, str]
    created_at: One[TimestampField, datetime]
    created_by: One[ActorField, ActorRef]
    @classmethod
    def from_record(cls, record: Record) -> Self: ...
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class ReferenceField(Equatable[AnyRecord]):
    def via(self, model: type[M]) -> type[M]: ...

class Schema(SchemaContent):
    objects: tuple[SchemaObject, ...]
    lists: tuple[SchemaList, ...]
    workspace_id: str
    workspace_name: str
    is_whole: bool
    is_of_models: bool
    def __iter__(self) -> Iterator[SchemaObject | SchemaList]: ...
    def diff(self, newer: Schema) -> list[SchemaDifference]: ...
    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Schema: ...
    @classmethod
    def from_models(cls, path: str | PathLike[str]) -> Schema: ...
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...
    def to_toml(self) -> str: ...

class SchemaAttribute(SchemaPart):
    stated: frozenset[str] | None
    slug: str
    title: str
    type: str
    description: str
    is_required: bool
    is_unique: bool
    is_multiselect: bool
    is_archived: bool
    is_writable: bool
    is_system: bool
    currency: tuple[str, str] | None
    objects: tuple[str, ...]
    default: Mapping[str, Any] | None
    relationship: tuple[str, str] | None
    options: tuple[SchemaOption, ...] | None
    id: str
    @property
    def has_options(self) -> bool: ...
    def states(self, field: str) -> bool: ...
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class SchemaChange(JsonData):
    symbol: Symbol
    path: str
    text: str
    permanence: str
    order: int
    run: Callable[[Any], Awaitable[object]] | None
    def __str__(self) -> str: ...
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class SchemaDifference(JsonData):
    path: str
    aspect: Aspect
    field: str
    name: str
    before: Any
    after: Any
    owners: tuple[Any, Any]
    attributes: tuple[Any, Any]
    def __str__(self) -> str: ...
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class SchemaList(SchemaPart):
    stated: frozenset[str] | None
    slug: str
    name: str
    parents: tuple[str, ...]
    access: str | None
    member_access: Mapping[str, str]
    attributes: tuple[SchemaAttribute, ...]
    id: str
    @property
    def label(self) -> str: ...
    def states(self, field: str) -> bool: ...
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class SchemaObject(SchemaPart):
    stated: frozenset[str] | None
    slug: str
    singular: str
    plural: str
    attributes: tuple[SchemaAttribute, ...]
    id: str
    @property
    def label(self) -> str: ...
    def states(self, field: str) -> bool: ...
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class SchemaOption(JsonData):
    title: str
    id: str
    is_archived: bool
    celebration: bool | None
    target_time: str | None
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class SchemaPlan(Plan['SchemaPlan']):
    changes: tuple[SchemaChange, ...]
    impossible: tuple[SchemaChange, ...]
    done: list[SchemaChange]
    @property
    def caution(self) -> str: ...
    def __str__(self) -> str: ...
    async def apply(self) -> SchemaPlan: ...
    async def table(self, *, limit: int = 50) -> str: ...
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class Searchable(ModelField):
    def contains(self, text: str) -> Condition: ...
    def ends_with(self, text: str) -> Condition: ...
    def starts_with(self, text: str) -> Condition: ...

Several = Union[T, Iterable[T]]

class SourceWorkspace:
    workspace_id: str
    is_whole: bool

Symbol = Literal['+', '~', '-', '!']

TEXT: Final

TIMESTAMP: Final

class TextField(Equatable[str], Searchable):
    ...

TextInput = str | int | Decimal | UUID

class TimestampField(Equatable[datetime], Ordered[AnyMoment]):
    ...

TimestampInput = datetime | str

class User(models.RecordModel):
    person: Final
    primary_email_address: Final
    user_id: Final
    workspace: Final
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class UserCreate(models.TypedDict):
    person: models.RecordInput | None
    primary_email_address: models.Required[models.TextInput]
    user_id: models.Required[models.TextInput]
    workspace: models.Several[models.RecordInput] | None

class UserRecords(models.ModelRecords[User, UserUpdate]):
    name: str
    async def create(self, values: models.AnyInput = None, /, *, validate: bool = True, **more: object) -> User: ...
    def create_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def edit(self, id: object, *, set: V | None = None, add: V | None = None, remove: V | None = None, clear: Iterable[str] = (), merge: bool = False) -> M: ...
    async def explain(self, filter: AnyFilter) -> str: ...
    async def export(self, target: ExportTarget, *, format: FormatName | Format | None = None, filter: AnyFilter | None = None, view: object = None, select: Iterable[str] | None = None, resume: bool = False, parallel: int = PARALLEL, ordered: bool = False, progress: ProgressChoice = False) -> ExportResult: ...
    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> R | None: ...
    async def get(self, id: object) -> R: ...
    async def get_many(self, ids: Iterable[object]) -> Found[R]: ...
    async def history(self, id: object, attribute: object) -> list[Value]: ...
    def query(self, filter: AnyFilter | None = None, *, sorts: Sorts = None, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE) -> Paginator[R]: ...
    async def replace_history(self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False) -> list[Value]: ...
    def scan(self, filter: AnyFilter | None = None, *, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE, resume: str | None = None, parallel: int = 1, ordered: bool = False) -> Scan[R]: ...
    async def schema(self) -> ObjectSchema: ...
    async def update(self, id: object, values: V, *, multiselect: Multiselect = 'append', validate: bool = True) -> M: ...
    def update_many(self, rows: Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None, *, multiselect: Multiselect = 'append', compare: bool = True, **options: Unpack[BulkOptions]) -> BulkJob: ...

class UserUpdate(models.TypedDict):
    person: models.RecordInput | None
    primary_email_address: models.TextInput | None
    user_id: models.TextInput | None
    workspace: models.Several[models.RecordInput] | None

class ValueKind(Generic[F, T]):
    attribute_type: str
    natives: tuple[Any, ...]
    make: Callable[[Steps], F]
    decoder: Callable[[], Callable[[msgspec.Raw], list[Any]]]

class Workspace(models.RecordModel):
    workspace_id_: Final
    name: Final
    users: Final
    company: Final
    avatar_url: Final
    def to_dict(self, *, mode: Literal['python', 'json'] = 'python') -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class WorkspaceCreate(models.TypedDict):
    workspace_id: models.Required[models.TextInput]
    name: models.TextInput | None
    users: models.Several[models.RecordInput] | None
    company: models.RecordInput | None
    avatar_url: models.TextInput | None

class WorkspaceRecords(models.ModelRecords[Workspace, WorkspaceUpdate]):
    name: str
    async def create(self, values: models.AnyInput = None, /, *, validate: bool = True, **more: object) -> Workspace: ...
    def create_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    async def edit(self, id: object, *, set: V | None = None, add: V | None = None, remove: V | None = None, clear: Iterable[str] = (), merge: bool = False) -> M: ...
    async def explain(self, filter: AnyFilter) -> str: ...
    async def export(self, target: ExportTarget, *, format: FormatName | Format | None = None, filter: AnyFilter | None = None, view: object = None, select: Iterable[str] | None = None, resume: bool = False, parallel: int = PARALLEL, ordered: bool = False, progress: ProgressChoice = False) -> ExportResult: ...
    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> R | None: ...
    async def get(self, id: object) -> R: ...
    async def get_many(self, ids: Iterable[object]) -> Found[R]: ...
    async def history(self, id: object, attribute: object) -> list[Value]: ...
    def query(self, filter: AnyFilter | None = None, *, sorts: Sorts = None, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE) -> Paginator[R]: ...
    async def replace_history(self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False) -> list[Value]: ...
    def scan(self, filter: AnyFilter | None = None, *, view: object = None, limit: int | None = None, page_size: int = MAX_PAGE_SIZE, resume: str | None = None, parallel: int = 1, ordered: bool = False) -> Scan[R]: ...
    async def schema(self) -> ObjectSchema: ...
    async def update(self, id: object, values: V, *, multiselect: Multiselect = 'append', validate: bool = True) -> M: ...
    def update_many(self, rows: Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None, *, multiselect: Multiselect = 'append', compare: bool = True, **options: Unpack[BulkOptions]) -> BulkJob: ...

class WorkspaceSchema:
    async def check(self, schema: Schema) -> list[SchemaDifference]: ...
    async def plan(self, schema: Schema, *, prune: Prune | None = None) -> SchemaPlan: ...
    async def pull(self, *, objects: Iterable[str] | None = None, lists: Iterable[str] | None = None) -> Schema: ...

class WorkspaceUpdate(models.TypedDict):
    workspace_id: models.TextInput | None
    name: models.TextInput | None
    users: models.Several[models.RecordInput] | None
    company: models.RecordInput | None
    avatar_url: models.TextInput | None

def any_parent() -> ModelAttribute[ReferenceField, RecordRef]: ...

def other(type: str) -> ValueKind[Field, Any]: ...

def parent(model: Callable[[], type[M]]) -> ModelAttribute[type[M], RecordRef]: ...

def record(model: Callable[[], type[M]]) -> ValueKind[type[M], RecordRef]: ...

def select(options: type[E]) -> ValueKind[ChoiceField[E], E]: ...

def status(statuses: type[E]) -> ValueKind[ChoiceField[E], E]: ...
