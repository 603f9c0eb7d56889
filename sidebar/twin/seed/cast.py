"""The people everybody in the demo knows: the conversations of the demo inbox are with them.

Fictional, as are their numbers (drama ranges where a regulator keeps one) and domains. Inès Lefèvre of Atelier
Lumen is missing on purpose: a tour creates her.
"""

from sidebar.twin.org import JSON

# (name, domain, country, city, industry)
COMPANIES: tuple[tuple[str, str, str, str, str], ...] = (
    ("Brightloom Ltd", "brightloom", "United Kingdom", "London", "Apparel"),
    ("Nordlicht Werke GmbH", "nordlicht", "Germany", "Hamburg", "Machinery"),
    ("Harbor & Pine LLP", "harborpine", "United States", "San Francisco", "Consulting"),
    ("Wiatrak Sp. z o.o.", "wiatrak", "Poland", "Warszawa", "Energy"),
    ("株式会社みなと", "minato", "Japan", "東京都", "Shipping"),
    ("شركة النخيل", "alnakheel", "United Arab Emirates", "دبي", "Hospitality"),
    ("Porto Azul", "portoazul", "Portugal", "Porto", "Food & Beverage"),
    ("Shamrock Freight", "shamrock", "Ireland", "Dublin", "Transportation"),
)

# the company's domain, then the contact's own fields; the country is the company's
CONTACTS: tuple[tuple[str, dict[str, JSON]], ...] = (
    (
        "brightloom",
        {
            "FirstName": "Amara",
            "LastName": "Okafor",
            "Title": "Head of Operations",
            "Email": "amara.okafor@brightloom.example",
            "Phone": "020 7946 0123",
            "MobilePhone": "+44 7700 900123",
            "OtherPhone": "(0044) 1632 960 123",
            "LeadSource": "Partner Referral",
            "Department": "Operations",
            "Birthdate": "1984-03-09",
            "Loyalty_Points__c": 1240,
            "Description": "Prefers e-mail. Orders go through the Leeds warehouse.",
        },
    ),
    (
        "nordlicht",
        {
            "FirstName": "Jürgen",
            "LastName": "Weiß",
            "Title": "Einkaufsleiter",
            "Email": "j.weiss@nordlicht.example",
            "MobilePhone": "0171 / 392 00 34",
            "Department": "Einkauf",
            "DoNotCall": True,
            "Loyalty_Points__c": 310,
        },
    ),
    (
        "harborpine",
        {
            "FirstName": "Dana",
            "LastName": "Whitfield",
            "Title": "Partner",
            "Email": "dana@harborpine.example",
            "Phone": "(415) 555-0100",
        },
    ),
    (
        "harborpine",
        {
            "FirstName": "Marcus",
            "LastName": "Lee",
            "Title": "Paralegal",
            "Email": "marcus@harborpine.example",
            "Phone": "415.555.0100",
        },
    ),
    (
        "harborpine",
        {
            "FirstName": "Priya",
            "LastName": "Raman",
            "Title": "Office Manager",
            "Email": "priya@harborpine.example",
            "Phone": "+1 415 555 0100 x204",
        },
    ),
    (
        "wiatrak",
        {
            "FirstName": "Zofia",
            "LastName": "Wiśniewska",
            "Title": "Specjalistka ds. zakupów",
            "Email": "zofia.wisniewska@wiatrak.example",
            "Phone": "22 555 01 47",
            "LeadSource": "Web",
        },
    ),
    (
        "minato",
        {
            "FirstName": "花子",
            "LastName": "山田",
            "Title": "購買部 課長",
            "Email": "hanako.yamada@minato.example",
            "Phone": "03-5555-0142",
        },
    ),
    (
        "alnakheel",
        {
            "FirstName": "ليلى",
            "LastName": "حداد",
            "Title": "مديرة المشتريات",
            "Email": "layla.haddad@alnakheel.example",
            "MobilePhone": "٠٥٠ ٥٥٥ ٠١٨٧",
        },
    ),
    (
        "portoazul",
        {
            "FirstName": "Tomás",
            "LastName": "Ribeiro",
            "Title": "Gerente de loja",
            "Phone": "+351 22 555 0199",
            "LeadSource": "Phone Inquiry",
        },
    ),
    (
        "shamrock",
        {
            "FirstName": "Owen",
            "LastName": "Gallagher",
            "Title": "Dispatch Lead",
            "Email": "owen.gallagher@shamrock.example",
            "Phone": "020 917 0142",
        },
    ),
)

# The one the tour creates: her number must stay free.
KEPT_FREE = ("+33 6 39 98 12 34",)
