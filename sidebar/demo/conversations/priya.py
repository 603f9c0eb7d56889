"""Priya Raman by e-mail: her address tells her apart from the others behind the switchboard."""

from sidebar.demo.conversations.shape import Conversation, Customer, they, we

PRIYA = Conversation(
    id="priya",
    channel="email",
    language="en",
    subject="Invoice, both halves",
    customer=Customer(
        external_id="hb-1121",
        name="Priya Raman",
        emails=("priya@harborpine.example",),
        country="US",
    ),
    messages=(
        they(
            "3d 11:30",
            "Hi Robin, Priya from Harbor & Pine. The lamps are up and the reading room has never "
            "looked kinder. Even the partners noticed.",
        ),
        we("3d 11:52", "Hello Priya, that makes my day. Is the dimmer where you wanted it?"),
        they(
            "3d 13:15",
            "Exactly there. Could the invoice be split? 60 percent Litigation, 40 percent Library.",
        ),
        we("3d 13:40", "Of course. I'll check with accounting and send you two documents."),
        they(
            "2d 15:05",
            "Perfect. If you ring, ask for me: the switchboard has one number for all of us.",
        ),
        we("2d 15:12", "Noted. Have a good evening!"),
    ),
)
