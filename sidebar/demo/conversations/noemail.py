"""Tomás Ribeiro by SMS: a contact without any e-mail."""

from sidebar.demo.conversations.shape import Conversation, Customer, they, we

NOEMAIL = Conversation(
    id="noemail",
    channel="sms",
    language="pt",
    subject="Cadeiras da esplanada",
    customer=Customer(
        external_id="hb-1112",
        name="Tomás Ribeiro",
        phones=("+351225550199",),
        country="PT",
    ),
    messages=(
        they(
            "1d 14:02",
            "Boa tarde, daqui Tomás Ribeiro, do Porto Azul. As cadeiras da esplanada chegaram hoje.",
        ),
        we("1d 14:10", "Boa tarde, Tomás! Que boa notícia. Vieram todas em condições?"),
        they(
            "1d 14:21",
            "Vinte e três perfeitas, uma com um risco no braço. Nada de grave, mas ao sol nota-se.",
        ),
        we("1d 14:30", "Lamento! Enviamos um braço novo amanhã, troca-se com dois parafusos."),
        they(
            "1d 14:36",
            "Impecável. E prefiro assim, por SMS: não uso e-mail, só me dá dores de cabeça.",
        ),
        we("1d 14:40", "Combinado, fica por SMS."),
        they("1d 15:20", "Obrigado! Quando vier ao Porto, o café é por nossa conta."),
    ),
)
