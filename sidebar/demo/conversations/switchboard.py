"""A call from the switchboard of Harbor & Pine: one number, three people."""

from sidebar.demo.conversations.shape import Conversation, Customer, call, they, we

SWITCHBOARD = Conversation(
    id="switchboard",
    channel="call",
    language="en",
    subject="Invoice for the reading-room lamps",
    customer=Customer(
        external_id="hb-1063",
        phones=("+14155550100",),
        country="US",
    ),
    unread=True,
    messages=(
        call("1d 16:02", "Missed call, voicemail of 42 seconds"),
        they(
            "1d 16:02",
            "Hi, this is Harbor & Pine, calling from the front desk. It's about the invoice for the "
            "reading-room lamps: somebody here would like it split over two cost centers. Please call "
            "us back, we're in until six.",
        ),
        call("1d 16:40", "Outgoing call, 1 minute"),
        we(
            "1d 16:41",
            "Hi, Robin from Linden & Lark, returning your call. I reached the switchboard, but nobody "
            "knew who had asked. I'll try again tomorrow.",
        ),
        call("25m", "Incoming call, 4 minutes"),
        they(
            "24m",
            "Hello again, this is Priya, the office manager. Same number as everybody else in the "
            "building, sorry! Could you send both halves of the invoice to me?",
        ),
        we("22m", "With pleasure, Priya. Both halves go out today, with the cost center on each."),
        they("21m", "You're a lifesaver. Now Marcus will stop asking me about it twice a day."),
    ),
)
