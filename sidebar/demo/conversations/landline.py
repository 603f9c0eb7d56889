"""A call without a name: the third phone of somebody who also writes e-mails."""

from sidebar.demo.conversations.shape import Conversation, Customer, call, they, we

LANDLINE = Conversation(
    id="landline",
    channel="call",
    language="en",
    subject="Gate two, please",
    customer=Customer(
        external_id="hb-1118",
        phones=("+441632960123",),
        country="GB",
    ),
    messages=(
        call("1d 10:20", "Missed call, voicemail of 18 seconds"),
        they(
            "1d 10:20",
            "Hello, it's me again, from the depot this time because my mobile has died. Could the "
            "driver come to gate two instead of gate one? Thanks, bye!",
        ),
        call("1d 10:45", "Outgoing call, 1 minute"),
        we("1d 10:46", "Gate two it is. I have told the driver and put it on the delivery note."),
        they(
            "1d 10:47",
            "Brilliant. This is the third number you have for me, I believe. I do like to be reachable.",
        ),
    ),
)
