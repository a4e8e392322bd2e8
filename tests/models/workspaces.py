"""Made-up workspaces: attributes of every type, and titles and slugs that nobody would choose in good faith."""

from random import Random

from attio_async.testing import FakeAttio

TYPES = (
    "text", "number", "checkbox", "currency", "date", "timestamp", "rating", "status", "select", "record-reference",
    "actor-reference", "location", "domain", "email-address", "phone-number", "personal-name", "interaction",
)  # fmt: skip
MULTISELECT = {"select", "record-reference", "actor-reference", "domain", "email-address", "phone-number"}
NEVER_UNIQUE = {"select", "status", "checkbox"}
HOSTILE = (
    "🚀 Launch", "class", "None", "1-10", "<$1M", "$1M+", 'say "hi"', "it's", '"""', "\\N{BULLET} \\", "a\nb\tc",
    "\u202eevil\u202c", "x\u200by", "Größe", "客户", "עברית", "import os", "__init__", "mro", "value", "Value", "VALUE",
    "name", "self", "validate", "100%", "R&D", "C#", "C++", "#", "...", "'''", "{x}", "%s", "ﬁ", "É", "\uff21\uff22", "😀", "😁",
    "a" * 90, "lambda: 0", "models", "Deal", "Record", "property", "yes", "Yes", " padded ", "\x00\x1b[31m",
)  # fmt: skip
SLUGS = (
    "models", "class", "values", "items", "keys", "get", "id", "raw", "first", "all", "to_dict", "record_id_", "validate", "self",
    "custom-slug", "with-dash", "9lives", "from", "import", "name_", "_private", "__dunder__", "Deal", "None", "is_many", "in_",
    "classmethod", "web_url", "created", "stage_2", "property", "str", "list", "type", "überschrift", "a", "b", "c", "d",
)  # fmt: skip


def made_up(seed: int) -> FakeAttio:
    """Make a workspace that follows from the seed."""
    random = Random(seed)
    fake = FakeAttio(seed=seed)
    objects = [f"object_{number}" for number in range(random.randint(1, 3))]
    for slug in objects:
        fake.seed.add_object(slug, random.choice(HOSTILE), random.choice(HOSTILE))
    lists = [f"list_{number}" for number in range(random.randint(0, 2))]
    for slug in lists:
        fake.seed.add_list(slug, random.choice(HOSTILE), parent=random.choice([*objects, "deals", "people"]))
    for target in [*objects, *lists, "companies"]:
        for slug in random.sample(SLUGS, random.randint(3, 12)):
            type_ = random.choice(TYPES)
            many = type_ in MULTISELECT and random.random() < 0.5
            allowed = None
            if type_ == "record-reference" and random.random() < 0.8:
                allowed = random.sample(
                    [*objects, "companies", "deals", "people"], random.choice([1, 1, 1, 2])
                )
            fake.seed.add_attribute(
                target,
                slug,
                type_,
                title=random.choice(HOSTILE),
                multiselect=many,
                required=type_ != "interaction" and random.random() < 0.2,
                unique=target != "companies" and type_ == "text" and random.random() < 0.2,
                options=random.sample(HOSTILE, random.randint(0, 12))
                if type_ in {"select", "status"}
                else (),
                allowed_objects=allowed,
            )
    return fake
