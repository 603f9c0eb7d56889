"""Inès Lefèvre in the web chat: nobody in the org knows her yet."""

from sidebar.demo.conversations.shape import Conversation, Customer, they, we

INES = Conversation(
    id="ines",
    channel="chat",
    language="fr",
    subject="Lampes pour l'atelier",
    customer=Customer(
        external_id="hb-1080",
        name="Inès Lefèvre",
        emails=("ines.lefevre@atelierlumen.example",),
        phones=("+33639981234",),
        country="FR",
    ),
    unread=True,
    messages=(
        they(
            "88m",
            "Bonjour\u00a0! J'ai vu vos lampes Alouette dans une librairie à Lyon et, depuis, je n'arrive "
            "plus à penser à autre chose.",
        ),
        we(
            "85m",
            "Bonjour Inès, quel joli compliment\u00a0! C'est pour un bureau ou pour un atelier\u00a0?",
        ),
        they(
            "83m",
            "Un atelier de vitrail. Nous sommes quatre autour d'une grande table, et il nous faut une "
            "lumière qui ne triche pas avec les couleurs.",
        ),
        we(
            "79m",
            "Alors la version 4000 kelvins. Nous pouvons vous en prêter une pendant deux semaines, sans engagement.",
        ),
        they(
            "71m",
            "Vraiment\u00a0? Ce serait merveilleux. C'est au nom d'Inès Lefèvre, Atelier Lumen, 06 39 98 12 34.",
        ),
        we(
            "60m",
            "C'est noté\u00a0! Vous n'êtes pas encore dans nos fichiers, je m'en occupe et je vous "
            "confirme l'envoi aujourd'hui.",
        ),
        they("55m", "Merci infiniment. Nous prendrons bien soin de la lampe, promis."),
    ),
)
