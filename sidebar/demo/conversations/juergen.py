"""Jürgen Weiß on WhatsApp: no e-mail, and a number the org has in an untidy form."""

from sidebar.demo.conversations.shape import Conversation, Customer, they, we

JUERGEN = Conversation(
    id="juergen",
    channel="whatsapp",
    language="de",
    subject="Sechs Besprechungstische",
    customer=Customer(
        external_id="hb-1057",
        name="Jürgen W.",
        phones=("+491713920034",),
        country="DE",
    ),
    unread=True,
    messages=(
        they(
            "2d 10:05",
            "Moin! Jürgen Weiß von den Nordlicht Werken, schnell vom Handy: Gilt Ihr Angebot über die "
            "sechs Besprechungstische noch?",
        ),
        we(
            "2d 10:22",
            "Guten Tag, Herr Weiß! Ja, es gilt bis Monatsende. Soll ich die Eichenplatte einplanen, wie besprochen?",
        ),
        they(
            "2d 10:31",
            "Eiche geölt, bitte. Und zwei davon höhenverstellbar, unsere Konstrukteure stehen gern.",
        ),
        we(
            "2d 10:48",
            "Notiert: vier feste, zwei höhenverstellbare. Lieferzeit drei Wochen, Aufbau inklusive.",
        ),
        they("31m", "Perfekt. Bitte an Werk 2, Tor B. Der Pförtner weiß Bescheid."),
        we("18m", "Danke! Die Auftragsbestätigung schicke ich Ihnen heute Nachmittag."),
        they(
            "9m",
            "Wunderbar. Haben Sie meine Nummer? Ich glaube, bei Ihnen steht sie noch etwas abenteuerlich geschrieben.",
        ),
    ),
)
