# Made by scripts/standard_models.py.
# ruff: noqa
"""Models of the standard objects, made by attio-async."""

from typing import Final

from attio_async import models

__name__ = "attio_async.models"  # where the classes are imported from

WORKSPACE = models.SourceWorkspace("")


class Person(models.RecordModel, slug="people"):
    """A record of People."""

    __slots__ = ()

    @classmethod
    def __bind__(cls, binding: models.Binding) -> "PersonRecords":
        return PersonRecords(cls, binding)

    name: Final = models.One(models.PERSONAL_NAME, "name")
    """Name."""

    email_addresses: Final = models.Many(models.EMAIL_ADDRESS, "email_addresses")
    """Email addresses."""

    description: Final = models.One(models.TEXT, "description")
    """Description."""

    company: Final = models.One(models.record(lambda: Company), "company")
    """Company."""

    job_title: Final = models.One(models.TEXT, "job_title")
    """Job title."""

    avatar_url: Final = models.One(models.TEXT, "avatar_url")
    """Avatar URL."""

    phone_numbers: Final = models.Many(models.PHONE_NUMBER, "phone_numbers")
    """Phone numbers."""

    primary_location: Final = models.One(models.LOCATION, "primary_location")
    """Primary location."""

    angellist: Final = models.One(models.TEXT, "angellist")
    """AngelList."""

    facebook: Final = models.One(models.TEXT, "facebook")
    """Facebook."""

    instagram: Final = models.One(models.TEXT, "instagram")
    """Instagram."""

    linkedin: Final = models.One(models.TEXT, "linkedin")
    """LinkedIn."""

    twitter: Final = models.One(models.TEXT, "twitter")
    """Twitter."""

    twitter_follower_count: Final = models.One(models.NUMBER, "twitter_follower_count")
    """Twitter follower count."""

    first_calendar_interaction: Final = models.One(
        models.INTERACTION, "first_calendar_interaction"
    )
    """First calendar interaction."""

    last_calendar_interaction: Final = models.One(
        models.INTERACTION, "last_calendar_interaction"
    )
    """Last calendar interaction."""

    next_calendar_interaction: Final = models.One(
        models.INTERACTION, "next_calendar_interaction"
    )
    """Next calendar interaction."""

    first_email_interaction: Final = models.One(
        models.INTERACTION, "first_email_interaction"
    )
    """First email interaction."""

    last_email_interaction: Final = models.One(
        models.INTERACTION, "last_email_interaction"
    )
    """Last email interaction."""

    first_interaction: Final = models.One(models.INTERACTION, "first_interaction")
    """First interaction."""

    last_interaction: Final = models.One(models.INTERACTION, "last_interaction")
    """Last interaction."""

    next_interaction: Final = models.One(models.INTERACTION, "next_interaction")
    """Next interaction."""

    strongest_connection_strength_legacy: Final = models.One(
        models.NUMBER, "strongest_connection_strength_legacy"
    )
    """Connection strength (legacy)."""

    class StrongestConnectionStrength(models.OpenEnum):
        """The values of Connection strength."""

        VERY_WEAK = "Very weak"
        WEAK = "Weak"
        GOOD = "Good"
        STRONG = "Strong"
        VERY_STRONG = "Very strong"

    strongest_connection_strength: Final = models.One(
        models.select(StrongestConnectionStrength), "strongest_connection_strength"
    )
    """Connection strength."""

    strongest_connection_user: Final = models.One(
        models.ACTOR, "strongest_connection_user"
    )
    """Strongest connection."""

    associated_deals: Final = models.Many(
        models.record(lambda: Deal), "associated_deals"
    )
    """Associated deals."""

    associated_users: Final = models.Many(
        models.record(lambda: User), "associated_users"
    )
    """Associated users."""


class PersonCreate(models.TypedDict, total=False):
    """The values to create a record with."""

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


class PersonUpdate(models.TypedDict, total=False):
    """The values to change a record with."""

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
    """The records of `Person`."""

    @models.overload
    async def create(
        self, values: PersonCreate, /, *, validate: bool = True
    ) -> Person: ...
    @models.overload
    async def create(
        self, /, *, validate: bool = True, **more: models.Unpack[PersonCreate]
    ) -> Person: ...
    async def create(
        self,
        values: models.AnyInput = None,
        /,
        *,
        validate: bool = True,
        **more: object,
    ) -> Person:
        """Create a record, from a mapping or from keywords, and return it."""
        return await self._create(values, more, validate=validate)


class Company(models.RecordModel, slug="companies"):
    """A record of Companies."""

    __slots__ = ()

    @classmethod
    def __bind__(cls, binding: models.Binding) -> "CompanyRecords":
        return CompanyRecords(cls, binding)

    domains: Final = models.Many(models.DOMAIN, "domains")
    """Domains."""

    name: Final = models.One(models.TEXT, "name")
    """Name."""

    description: Final = models.One(models.TEXT, "description")
    """Description."""

    team: Final = models.Many(models.record(lambda: Person), "team")
    """Team."""

    class Categories(models.OpenEnum):
        """The values of Categories."""

        OPTION_3D_PRINTING = "3D Printing"
        ACCOUNTING = "Accounting"
        AEROSPACE_AND_DEFENSE = "Aerospace & Defense"
        AGRICULTURE = "Agriculture"
        AIRLINES = "Airlines"
        ALTERNATIVE_MEDICINE = "Alternative Medicine"
        ANIMATION = "Animation"
        APPAREL_AND_FOOTWEAR = "Apparel & Footwear"
        ARCHITECTURE = "Architecture"
        ARTS = "Arts"
        ARTS_AND_CRAFTS = "Arts & Crafts"
        ASSET_MANAGEMENT = "Asset Management"
        AUDIO = "Audio"
        AUTOMATION = "Automation"
        AUTOMOTIVE = "Automotive"
        B2B = "B2B"
        B2C = "B2C"
        BANKING_AND_MORTGAGES = "Banking & Mortgages"
        BEVERAGES = "Beverages"
        BIOTECHNOLOGY = "Biotechnology"
        BROADCASTING = "Broadcasting"
        BUILDING_MATERIALS = "Building Materials"
        BUSINESS_SUPPLIES = "Business Supplies"
        CHEMICALS = "Chemicals"
        CIVIL_ENGINEERING = "Civil Engineering"
        CLOUD_SERVICES = "Cloud Services"
        COMMUNICATIONS = "Communications"
        COMPUTER_HARDWARE = "Computer Hardware"
        CONSTRUCTION = "Construction"
        CONSTRUCTION_CONTRACTORS_AND_SERVICES = "Construction Contractors & Services"
        CONSULTING_AND_PROFESSIONAL_SERVICES = "Consulting & Professional Services"
        CONSUMER_DISCRETIONARY = "Consumer Discretionary"
        CONSUMER_ELECTRONICS = "Consumer Electronics"
        CONSUMER_GOODS = "Consumer Goods"
        CONSUMER_STAPLES = "Consumer Staples"
        CORPORATE_AND_BUSINESS = "Corporate & Business"
        COSMETICS = "Cosmetics"
        DESIGN = "Design"
        E_COMMERCE = "E-commerce"
        E_COMMERCE_AND_MARKETPLACES = "E-Commerce & Marketplaces"
        E_LEARNING = "E-Learning"
        EDUCATION = "Education"
        ELECTRICAL = "Electrical"
        ENERGY = "Energy"
        ENERGY_AND_UTILITIES = "Energy & Utilities"
        ENTERPRISE = "Enterprise"
        ENTERTAINMENT_AND_RECREATION = "Entertainment & Recreation"
        EVENTS = "Events"
        EYEWEAR = "Eyewear"
        FACILITIES = "Facilities"
        FAMILY_SERVICES = "Family Services"
        FINANCE = "Finance"
        FINANCIAL_SERVICES = "Financial Services"
        FINE_ART = "Fine Art"
        FIREARMS = "Firearms"
        FISHERY = "Fishery"
        FOOD = "Food"
        FOOD_PRODUCTION = "Food Production"
        FORUMS = "Forums"
        FUNDRAISING = "Fundraising"
        GAMBLING_AND_CASINOS = "Gambling & Casinos"
        GOVERNMENT = "Government"
        GROUND_TRANSPORTATION = "Ground Transportation"
        HEALTH_AND_WELLNESS = "Health & Wellness"
        HEALTH_CARE = "Health Care"
        HIGHER_EDUCATION = "Higher Education"
        HOME_AND_FURNITURE = "Home & Furniture"
        HOME_IMPROVEMENT = "Home Improvement"
        HUMAN_RESOURCES = "Human Resources"
        IMPORT_AND_EXPORT = "Import & Export"
        INDUSTRIALS_AND_MANUFACTURING = "Industrials & Manufacturing"
        INFORMATION_TECHNOLOGY_AND_SERVICES = "Information Technology & Services"
        INSURANCE = "Insurance"
        INTERNATIONAL_RELATIONS = "International Relations"
        INTERNATIONAL_TRADE = "International Trade"
        INTERNET = "Internet"
        INVESTMENT = "Investment"
        INVESTMENT_BANKING = "Investment Banking"
        INVESTMENT_MANAGEMENT = "Investment Management"
        ISP = "ISP"
        JEWELRY_WATCHES_AND_LUXURY_GOODS = "Jewelry, Watches & Luxury Goods"
        JUDICIARY = "Judiciary"
        LAW_ENFORCEMENT = "Law Enforcement"
        LEGAL_SERVICES = "Legal Services"
        LIBRARIES = "Libraries"
        MACHINERY = "Machinery"
        MARITIME = "Maritime"
        MARKET_RESEARCH = "Market Research"
        MARKETING_AND_ADVERTISING = "Marketing & Advertising"
        MARKETPLACE = "Marketplace"
        MECHANICAL_ENGINEERING = "Mechanical Engineering"
        MEDIA = "Media"
        MEDICINE = "Medicine"
        MILITARY = "Military"
        MINING_AND_METALS = "Mining & Metals"
        MOBILE = "Mobile"
        MOVIES_AND_TV = "Movies & TV"
        MUSEUMS = "Museums"
        MUSIC = "Music"
        NANOTECHNOLOGY = "Nanotechnology"
        NETWORKING = "Networking"
        NON_PROFIT_AND_PHILANTHROPY = "Non-Profit & Philanthropy"
        OIL_AND_GAS = "Oil & Gas"
        OUTSOURCING = "Outsourcing"
        PACKAGING_AND_CONTAINERS = "Packaging & Containers"
        PAPER_GOODS = "Paper Goods"
        PAYMENTS = "Payments"
        PERFORMING_ARTS = "Performing Arts"
        PHARMACEUTICALS = "Pharmaceuticals"
        PHARMACY = "Pharmacy"
        PHOTOGRAPHY = "Photography"
        PLASTICS = "Plastics"
        PLUMBING = "Plumbing"
        POLITICAL_ORGANIZATION = "Political Organization"
        PORNOGRAPHY = "Pornography"
        PRIMARY_AND_SECONDARY_EDUCATION = "Primary & Secondary Education"
        PRINTING = "Printing"
        PUBLIC_RELATIONS = "Public Relations"
        PUBLISHING = "Publishing"
        RANCHING = "Ranching"
        REAL_ESTATE = "Real Estate"
        RELIGION = "Religion"
        RENEWABLES_AND_ENVIRONMENT = "Renewables & Environment"
        RESTAURANTS = "Restaurants"
        RETAIL = "Retail"
        SAAS = "SAAS"
        SANITIZATION_SERVICES = "Sanitization Services"
        SCIENTIFIC_AND_ACADEMIC_RESEARCH = "Scientific & Academic Research"
        SECURITY = "Security"
        SERVICES = "Services"
        SHIPBUILDING = "Shipbuilding"
        SHIPPING_AND_LOGISTICS = "Shipping & Logistics"
        SOCIETY = "Society"
        SPORTING_GOODS = "Sporting Goods"
        SPORTS_AND_FITNESS = "Sports & Fitness"
        STORES = "Stores"
        TALENT_AGENCIES = "Talent Agencies"
        TECHNOLOGY = "Technology"
        TELECOMMUNICATIONS = "Telecommunications"
        TEXTILES = "Textiles"
        TOBACCO = "Tobacco"
        TOOLS = "Tools"
        TRANSLATION = "Translation"
        TRANSPORTATION = "Transportation"
        TRAVEL_AND_LEISURE = "Travel & Leisure"
        UTILITIES = "Utilities"
        VENTURE_CAPITAL = "Venture Capital"
        VETERINARY = "Veterinary"
        VIDEO_GAMES = "Video Games"
        WAREHOUSING = "Warehousing"
        WEB_SERVICES_AND_APPS = "Web Services & Apps"
        WHOLESALE = "Wholesale"

    categories: Final = models.Many(models.select(Categories), "categories")
    """Categories."""

    primary_location: Final = models.One(models.LOCATION, "primary_location")
    """Primary location."""

    logo_url: Final = models.One(models.TEXT, "logo_url")
    """Logo URL."""

    angellist: Final = models.One(models.TEXT, "angellist")
    """AngelList."""

    facebook: Final = models.One(models.TEXT, "facebook")
    """Facebook."""

    instagram: Final = models.One(models.TEXT, "instagram")
    """Instagram."""

    linkedin: Final = models.One(models.TEXT, "linkedin")
    """LinkedIn."""

    twitter: Final = models.One(models.TEXT, "twitter")
    """Twitter."""

    twitter_follower_count: Final = models.One(models.NUMBER, "twitter_follower_count")
    """Twitter follower count."""

    class EstimatedArrUsd(models.OpenEnum):
        """The values of Estimated ARR."""

        UNDER_1M = "<$1M"
        OPTION_1M_10M = "$1M-$10M"
        OPTION_10M_50M = "$10M-$50M"
        OPTION_50M_100M = "$50M-$100M"
        OPTION_100M_250M = "$100M-$250M"
        OPTION_250M_500M = "$250M-$500M"
        OPTION_500M_1B = "$500M-$1B"
        OPTION_1B_10B = "$1B-$10B"
        OPTION_10B_PLUS = "$10B+"

    estimated_arr_usd: Final = models.One(
        models.select(EstimatedArrUsd), "estimated_arr_usd"
    )
    """Estimated ARR."""

    funding_raised_usd: Final = models.One(models.CURRENCY, "funding_raised_usd")
    """Funding raised."""

    foundation_date: Final = models.One(models.DATE, "foundation_date")
    """Foundation date."""

    class EmployeeRange(models.OpenEnum):
        """The values of Employee range."""

        OPTION_1_10 = "1-10"
        OPTION_11_50 = "11-50"
        OPTION_51_250 = "51-250"
        OPTION_251_1K = "251-1K"
        OPTION_1K_5K = "1K-5K"
        OPTION_5K_10K = "5K-10K"
        OPTION_10K_50K = "10K-50K"
        OPTION_50K_100K = "50K-100K"
        OPTION_100K_PLUS = "100K+"

    employee_range: Final = models.One(models.select(EmployeeRange), "employee_range")
    """Employee range."""

    first_calendar_interaction: Final = models.One(
        models.INTERACTION, "first_calendar_interaction"
    )
    """First calendar interaction."""

    last_calendar_interaction: Final = models.One(
        models.INTERACTION, "last_calendar_interaction"
    )
    """Last calendar interaction."""

    next_calendar_interaction: Final = models.One(
        models.INTERACTION, "next_calendar_interaction"
    )
    """Next calendar interaction."""

    first_email_interaction: Final = models.One(
        models.INTERACTION, "first_email_interaction"
    )
    """First email interaction."""

    last_email_interaction: Final = models.One(
        models.INTERACTION, "last_email_interaction"
    )
    """Last email interaction."""

    first_interaction: Final = models.One(models.INTERACTION, "first_interaction")
    """First interaction."""

    last_interaction: Final = models.One(models.INTERACTION, "last_interaction")
    """Last interaction."""

    next_interaction: Final = models.One(models.INTERACTION, "next_interaction")
    """Next interaction."""

    strongest_connection_strength_legacy: Final = models.One(
        models.NUMBER, "strongest_connection_strength_legacy"
    )
    """Connection strength (legacy)."""

    class StrongestConnectionStrength(models.OpenEnum):
        """The values of Connection strength."""

        VERY_WEAK = "Very weak"
        WEAK = "Weak"
        GOOD = "Good"
        STRONG = "Strong"
        VERY_STRONG = "Very strong"

    strongest_connection_strength: Final = models.One(
        models.select(StrongestConnectionStrength), "strongest_connection_strength"
    )
    """Connection strength."""

    strongest_connection_user: Final = models.One(
        models.ACTOR, "strongest_connection_user"
    )
    """Strongest connection."""

    associated_deals: Final = models.Many(
        models.record(lambda: Deal), "associated_deals"
    )
    """Associated deals."""

    associated_workspaces: Final = models.Many(
        models.record(lambda: Workspace), "associated_workspaces"
    )
    """Associated workspaces."""


class CompanyCreate(models.TypedDict, total=False):
    """The values to create a record with."""

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


class CompanyUpdate(models.TypedDict, total=False):
    """The values to change a record with."""

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
    """The records of `Company`."""

    @models.overload
    async def create(
        self, values: CompanyCreate, /, *, validate: bool = True
    ) -> Company: ...
    @models.overload
    async def create(
        self, /, *, validate: bool = True, **more: models.Unpack[CompanyCreate]
    ) -> Company: ...
    async def create(
        self,
        values: models.AnyInput = None,
        /,
        *,
        validate: bool = True,
        **more: object,
    ) -> Company:
        """Create a record, from a mapping or from keywords, and return it."""
        return await self._create(values, more, validate=validate)


class Deal(models.RecordModel, slug="deals"):
    """A record of Deals."""

    __slots__ = ()

    @classmethod
    def __bind__(cls, binding: models.Binding) -> "DealRecords":
        return DealRecords(cls, binding)

    name: Final = models.One(models.TEXT, "name", required=True)
    """Deal name."""

    class Stage(models.OpenEnum):
        """The values of Deal stage."""

        LEAD = "Lead"
        IN_PROGRESS = "In Progress"
        WON = "Won 🎉"
        LOST = "Lost"

    stage: Final = models.One(models.status(Stage), "stage", required=True)
    """Deal stage."""

    owner: Final = models.One(models.ACTOR, "owner", required=True)
    """Deal owner."""

    value: Final = models.One(models.CURRENCY, "value")
    """Deal value."""

    associated_people: Final = models.Many(
        models.record(lambda: Person), "associated_people"
    )
    """Associated people."""

    associated_company: Final = models.One(
        models.record(lambda: Company), "associated_company"
    )
    """Associated company."""


class DealCreate(models.TypedDict, total=False):
    """The values to create a record with."""

    name: models.Required[models.TextInput]
    stage: models.Required[Deal.Stage]
    owner: models.Required[models.ActorInput]
    value: models.NumberInput | None
    associated_people: models.Several[models.RecordInput] | None
    associated_company: models.RecordInput | None


class DealUpdate(models.TypedDict, total=False):
    """The values to change a record with."""

    name: models.TextInput | None
    stage: Deal.Stage | None
    owner: models.ActorInput | None
    value: models.NumberInput | None
    associated_people: models.Several[models.RecordInput] | None
    associated_company: models.RecordInput | None


class DealRecords(models.ModelRecords[Deal, DealUpdate]):
    """The records of `Deal`."""

    @models.overload
    async def create(self, values: DealCreate, /, *, validate: bool = True) -> Deal: ...
    @models.overload
    async def create(
        self, /, *, validate: bool = True, **more: models.Unpack[DealCreate]
    ) -> Deal: ...
    async def create(
        self,
        values: models.AnyInput = None,
        /,
        *,
        validate: bool = True,
        **more: object,
    ) -> Deal:
        """Create a record, from a mapping or from keywords, and return it."""
        return await self._create(values, more, validate=validate)


class User(models.RecordModel, slug="users"):
    """A record of Users."""

    __slots__ = ()

    @classmethod
    def __bind__(cls, binding: models.Binding) -> "UserRecords":
        return UserRecords(cls, binding)

    person: Final = models.One(models.record(lambda: Person), "person")
    """Person."""

    primary_email_address: Final = models.One(
        models.EMAIL_ADDRESS, "primary_email_address", required=True
    )
    """Primary email address."""

    user_id: Final = models.One(models.TEXT, "user_id", required=True)
    """ID."""

    workspace: Final = models.Many(models.record(lambda: Workspace), "workspace")
    """Workspaces."""


class UserCreate(models.TypedDict, total=False):
    """The values to create a record with."""

    person: models.RecordInput | None
    primary_email_address: models.Required[models.TextInput]
    user_id: models.Required[models.TextInput]
    workspace: models.Several[models.RecordInput] | None


class UserUpdate(models.TypedDict, total=False):
    """The values to change a record with."""

    person: models.RecordInput | None
    primary_email_address: models.TextInput | None
    user_id: models.TextInput | None
    workspace: models.Several[models.RecordInput] | None


class UserRecords(models.ModelRecords[User, UserUpdate]):
    """The records of `User`."""

    @models.overload
    async def create(self, values: UserCreate, /, *, validate: bool = True) -> User: ...
    @models.overload
    async def create(
        self, /, *, validate: bool = True, **more: models.Unpack[UserCreate]
    ) -> User: ...
    async def create(
        self,
        values: models.AnyInput = None,
        /,
        *,
        validate: bool = True,
        **more: object,
    ) -> User:
        """Create a record, from a mapping or from keywords, and return it."""
        return await self._create(values, more, validate=validate)


class Workspace(models.RecordModel, slug="workspaces"):
    """A record of Workspaces."""

    __slots__ = ()

    @classmethod
    def __bind__(cls, binding: models.Binding) -> "WorkspaceRecords":
        return WorkspaceRecords(cls, binding)

    workspace_id_: Final = models.One(models.TEXT, "workspace_id", required=True)
    """ID."""

    name: Final = models.One(models.TEXT, "name")
    """Name."""

    users: Final = models.Many(models.record(lambda: User), "users")
    """Users."""

    company: Final = models.One(models.record(lambda: Company), "company")
    """Company."""

    avatar_url: Final = models.One(models.TEXT, "avatar_url")
    """Avatar URL."""


class WorkspaceCreate(models.TypedDict, total=False):
    """The values to create a record with."""

    workspace_id: models.Required[models.TextInput]
    name: models.TextInput | None
    users: models.Several[models.RecordInput] | None
    company: models.RecordInput | None
    avatar_url: models.TextInput | None


class WorkspaceUpdate(models.TypedDict, total=False):
    """The values to change a record with."""

    workspace_id: models.TextInput | None
    name: models.TextInput | None
    users: models.Several[models.RecordInput] | None
    company: models.RecordInput | None
    avatar_url: models.TextInput | None


class WorkspaceRecords(models.ModelRecords[Workspace, WorkspaceUpdate]):
    """The records of `Workspace`."""

    @models.overload
    async def create(
        self, values: WorkspaceCreate, /, *, validate: bool = True
    ) -> Workspace: ...
    @models.overload
    async def create(
        self, /, *, validate: bool = True, **more: models.Unpack[WorkspaceCreate]
    ) -> Workspace: ...
    async def create(
        self,
        values: models.AnyInput = None,
        /,
        *,
        validate: bool = True,
        **more: object,
    ) -> Workspace:
        """Create a record, from a mapping or from keywords, and return it."""
        return await self._create(values, more, validate=validate)
