"""Owen Gallagher in the web chat: the tour switches Salesforce off while he is on screen."""

from sidebar.demo.conversations.shape import Conversation, Customer, they, we

OWEN = Conversation(
    id="owen",
    channel="chat",
    language="en",
    subject="Standing desks for dispatch",
    customer=Customer(
        external_id="hb-1088",
        name="Owen Gallagher",
        emails=("owen.gallagher@shamrock.example",),
        country="IE",
    ),
    messages=(
        they(
            "121m",
            "Howya Robin, Owen at Shamrock Freight. The two standing desks for the dispatch room "
            "landed this morning. Grand job.",
        ),
        we("118m", "Delighted, Owen! All the legs present and correct?"),
        they(
            "112m",
            "All eight. Though one of the hand controllers says E04 and won't budge above elbow height.",
        ),
        we(
            "108m",
            "That's only the transport lock. Hold the down arrow for ten seconds until it hums, then try again.",
        ),
        they("96m", "It hummed. It moved. You're a genius."),
        we("91m", "I'll take it! Anything else while I have you?"),
        they(
            "80m",
            "Just the invoice: put it on our account as usual, and ring me at the office if the numbers look odd.",
        ),
    ),
)
