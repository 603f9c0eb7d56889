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
    "tour_lead": "Six things in three minutes",
    "tour_close": "Close the tour",
    "tour_all": "All six",
    "tour_next": "Next",
    "look": "Look",
    "attempt": "Try it",
    "messy_title": "A messy number",
    "messy_teaser": "Found, however it is written",
    "messy_look": (
        "Jürgen writes from +49 171 3920034 and gives no e-mail. In Salesforce his number "
        "reads “0171 / 392 00 34”. The panel finds him all the same."
    ),
    "messy_try": "Open Salesforce in a new tab and write his number in a wilder way: the panel follows by itself.",
    "switchboard_title": "A shared switchboard",
    "switchboard_teaser": "One number, three people",
    "switchboard_look": (
        "Three people of Harbor & Pine share this number, each written differently. The panel "
        "offers a choice and does not guess."
    ),
    "switchboard_try": (
        "The caller says who she is. Pick her, then look at Priya's e-mail in the list: an address needs no choice."
    ),
    "live_title": "A live panel",
    "live_teaser": "A change lights up by itself",
    "live_look": (
        "A moment after Amara is on screen, a colleague changes her mobile number in Salesforce. It lights up in "
        "the panel by itself."
    ),
    "live_try": (
        "Let it happen once more, or change one of her fields in Salesforce yourself. The green dot says that "
        "the panel is live."
    ),
    "faster_title": "Somebody else was faster",
    "faster_teaser": "Nobody's edit is lost",
    "faster_look": (
        "You edit Zofia's Title while a colleague changes it in Salesforce. What you type stays, and the new "
        "value appears below it."
    ),
    "faster_try": (
        "Click Title in the panel and begin to type. Then let the colleague be faster, and save: you see both "
        "values and decide which one stays."
    ),
    "new_title": "A new contact in Salesforce",
    "new_teaser": "Created there, known here",
    "new_look": (
        "Nobody knows Inès at first. A moment later a colleague creates her in Salesforce, and somebody from her "
        "workshop who has never written to us."
    ),
    "new_try": (
        "Let the panel look again: there is Inès. Then open Contacts: she is linked, and the newcomer has the "
        "tag “Auto-create: Salesforce”."
    ),
    "down_title": "Salesforce is down",
    "down_teaser": "The panel stays honest",
    "down_look": (
        "A moment after Owen is on screen, Salesforce stops answering. The panel says so, and "
        "never mistakes it for “nobody found”."
    ),
    "down_try": "Press refresh in the panel, or open another conversation. Then bring Salesforce back.",
    "wait": "One moment …",
    "again": "Once more",
    "let": "Let the colleague change it",
    "turn_off": "Switch Salesforce off",
    "bring_back": "Bring it back",
    "banner": "Salesforce is switched off for the tour.",
    "faster_done": "A colleague has just set her Title to “{title}”.",
    "live_done": "A colleague has just set her mobile number to {phone}.",
    "missing": (
        "{name} is not in this org any more, so nobody could change her. Start the demo with --fresh to get her back."
    ),
    "new_done": "Inès and {name} are in Salesforce now.",
    "down_done": "Salesforce does not answer any more.",
    "up_done": "Salesforce answers again.",
    "while_down": ("Salesforce is switched off, so this could not be done. Bring it back and try once more."),
    "unreachable": "Salesforce could not be reached. Is the demo still running?",
    "refused": "Salesforce refused: {reason}",
    "no_inbox": "The inbox does not answer. Is the demo still running?",
}
