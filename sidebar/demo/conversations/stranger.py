"""A visitor of the web chat whom nobody in the org knows."""

from sidebar.demo.conversations.shape import Conversation, Customer, they, we

STRANGER = Conversation(
    id="stranger",
    channel="chat",
    language="en",
    subject="A single chair",
    customer=Customer(
        external_id="hb-1107",
        name="Visitor 4821",
        emails=("nobody@stranger.example",),
        phones=("+19075550163",),
    ),
    messages=(
        they("232m", "hi there, do you sell a single chair too, or only whole offices?"),
        we("230m", "Hello! A single chair is very welcome. Which one caught your eye?"),
        they(
            "227m",
            "the green one on your front page. it's for my grandmother, she turns ninety and insists on a proper desk",
        ),
        we(
            "223m",
            "She sounds wonderful. That one is the Finch in moss green. It could be with her within the week.",
        ),
        they("220m", "great! write to nobody@stranger.example or call me, whichever is quicker"),
        we("214m", "Thank you. And whose name shall I put on the delivery note?"),
        they("211m", "let's keep that a surprise for now"),
    ),
)
