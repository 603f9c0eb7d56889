"""The inbox in English."""

EN = {
    "skip": "Skip to the conversation",
    "conversations": "Conversations",
    "search": "Search conversations",
    "no_match": "No conversation matches.",
    "unread": "Unread",
    "you": "You:",
    "today": "Today",
    "yesterday": "Yesterday",
    "just_now": "Just now",
    "email": "E-mail",
    "whatsapp": "WhatsApp",
    "sms": "SMS",
    "call": "Phone call",
    "chat": "Web chat",
    "reply": "Write a reply",
    "send": "Send",
    "local_only": "A demo: replies stay on this page.",
    "sent": "Your reply is in the thread. Nothing left this page.",
    "contact": "Contact",
    "frame": "Contact panel",
    "width": "Width of the contact panel",
    "wide": "Wide",
    "drag": "Drag to resize the contact panel",
    "back": "Back to the conversations",
    "to_thread": "Back to the conversation",
    "loading": "Opening the contact panel …",
    "silent": "The contact panel does not answer. Is the product running at {origin}?",
    "unsigned": "The inbox could not sign who is on screen. Is it still running?",
    "language": "Language",
    "theme": "Theme",
    "auto": "Auto",
    "light": "Light",
    "dark": "Dark",
    "menu": "Menu",
    "salesforce": "Salesforce (twin)",
    "contacts": "Contacts",
    "admin": "Admin",
    "new_tab": "opens in a new tab",
    "sign_in": "Demo sign-in",
    "sign_in_why": "For the admin pages and the list of contacts. It works in this demo only.",
    "password": "Password",
    "tour": "Take the tour",
    "tour_lead": "Five things in two minutes",
    "tour_close": "Close the tour",
    "tour_all": "All five",
    "tour_next": "Next",
    "look": "Look",
    "attempt": "Try it",
    "messy_title": "A messy number",
    "messy_teaser": "Found, however it is written",
    "messy_look": (
        "Jürgen writes from +49 171 3920034 and gives no e-mail. In Salesforce his number "
        "reads “0171 / 392 00 34”. The panel finds him all the same."
    ),
    "messy_try": ("Open Salesforce in a new tab, write his number in a wilder way, then press refresh in the panel."),
    "switchboard_title": "A shared switchboard",
    "switchboard_teaser": "One number, three people",
    "switchboard_look": (
        "Three people of Harbor & Pine share this number, each written differently. The panel "
        "offers a choice and does not guess."
    ),
    "switchboard_try": (
        "The caller says who she is. Pick her, then look at Priya's e-mail in the list: an address needs no choice."
    ),
    "faster_title": "Somebody else was faster",
    "faster_teaser": "Nobody's edit is lost",
    "faster_look": (
        "A moment after the panel has shown Zofia, a colleague changes her Title in "
        "Salesforce. The panel still shows the old one."
    ),
    "faster_try": ("Click Title in the panel, type another and save. You see both values and decide which one stays."),
    "new_title": "A new contact in Salesforce",
    "new_teaser": "Created there, known here",
    "new_look": (
        "Nobody knows Inès at first. A moment later a colleague creates her in Salesforce, "
        "and she becomes a contact here too."
    ),
    "new_try": ("Let the panel look again, then open Contacts: she is in the list, tagged with where she came from."),
    "down_title": "Salesforce is down",
    "down_teaser": "The panel stays honest",
    "down_look": (
        "A moment after Owen is on screen, Salesforce stops answering. The panel says so, and "
        "never mistakes it for “nobody found”."
    ),
    "down_try": "Press refresh in the panel, or open another conversation. Then bring Salesforce back.",
    "wait": "One moment …",
    "again": "Once more",
    "turn_off": "Switch Salesforce off",
    "bring_back": "Bring it back",
    "banner": "Salesforce is switched off for the tour.",
    "faster_done": "A colleague has just set her Title to “{title}”.",
    "faster_missing": (
        "Zofia is not in this org any more, so nobody could change her. Start the demo with --fresh to get her back."
    ),
    "new_done": "Inès is in Salesforce now.",
    "down_done": "Salesforce does not answer any more.",
    "up_done": "Salesforce answers again.",
    "while_down": ("Salesforce is switched off, so this could not be done. Bring it back and try once more."),
    "unreachable": "Salesforce could not be reached. Is the demo still running?",
    "refused": "Salesforce refused: {reason}",
    "no_inbox": "The inbox does not answer. Is the demo still running?",
}
