"""Amara Okafor by e-mail: the everyday case, found by her address."""

from sidebar.demo.conversations.shape import Conversation, Customer, they, we

AMARA = Conversation(
    id="amara",
    channel="email",
    language="en",
    subject="Forty chairs, third floor",
    customer=Customer(
        external_id="hb-1042",
        name="Amara Okafor",
        emails=("amara.okafor@brightloom.example",),
        country="GB",
    ),
    unread=True,
    messages=(
        they(
            "1d 09:14",
            "Good morning! We are moving the operations team to the third floor on the 28th, and I'd "
            "love to see the forty Wren chairs there the day before. Is that still realistic?",
        ),
        we(
            "1d 09:40",
            "Morning Amara, good to hear from you. It is: they left the workshop yesterday. I have "
            "pencilled in the 27th, between 8 and 11. Does the loading bay on Mercer Lane still work?",
        ),
        they(
            "1d 11:02",
            "It does, but the goods lift is out until Friday. Could your crew manage two flights of "
            "stairs? I'll bring biscuits.",
        ),
        we(
            "1d 11:15",
            "For biscuits, gladly. I have booked a third pair of hands, at no extra charge.",
        ),
        they(
            "26m",
            "You're a star. One more thing: since Monday I look after Operations and Facilities, so "
            "the delivery note can simply come to me.",
        ),
        we(
            "12m",
            "Congratulations! I'll put the new title on our side so that it prints correctly.",
        ),
        they(
            "3m",
            "Thank you, Robin. And if the driver is early, my mobile is quickest. I'm hardly at my desk this week.",
        ),
    ),
)
