"""The conversations in the demo inbox, one file a person; adding one is a new file and a name in the list below."""

from sidebar.demo.conversations.amara import AMARA
from sidebar.demo.conversations.hanako import HANAKO
from sidebar.demo.conversations.ines import INES
from sidebar.demo.conversations.juergen import JUERGEN
from sidebar.demo.conversations.landline import LANDLINE
from sidebar.demo.conversations.layla import LAYLA
from sidebar.demo.conversations.noemail import NOEMAIL
from sidebar.demo.conversations.owen import OWEN
from sidebar.demo.conversations.priya import PRIYA
from sidebar.demo.conversations.shape import Conversation
from sidebar.demo.conversations.stranger import STRANGER
from sidebar.demo.conversations.switchboard import SWITCHBOARD
from sidebar.demo.conversations.zofia import ZOFIA

CONVERSATIONS = (
    AMARA,
    JUERGEN,
    SWITCHBOARD,
    ZOFIA,
    INES,
    OWEN,
    LAYLA,
    HANAKO,
    STRANGER,
    NOEMAIL,
    LANDLINE,
    PRIYA,
)

_BY_ID = {conversation.id: conversation for conversation in CONVERSATIONS}


def find(conversation_id: str) -> Conversation | None:
    return _BY_ID.get(conversation_id)
