"""Zofia Wiśniewska by e-mail: her job title changes while somebody is looking at it."""

from sidebar.demo.conversations.shape import Conversation, Customer, they, we

ZOFIA = Conversation(
    id="zofia",
    channel="email",
    language="pl",
    subject="Regały do magazynu próbek",
    customer=Customer(
        external_id="hb-1071",
        name="Zofia Wiśniewska",
        emails=("zofia.wisniewska@wiatrak.example",),
        country="PL",
    ),
    messages=(
        they(
            "1d 12:10",
            "Dzień dobry, wracam do oferty na regały do magazynu próbek. Zarząd zgodził się na "
            "wariant z drzwiami przesuwnymi!",
        ),
        we(
            "1d 12:34",
            "Dzień dobry, pani Zofio, to świetna wiadomość. Czy wymiary z naszego ostatniego "
            "spotkania są nadal aktualne?",
        ),
        they(
            "1d 13:05",
            "Prawie. Jedna ściana okazała się krótsza o cztery centymetry. Stara kamienica, wie pan, jak to jest.",
        ),
        we("1d 13:20", "Znam to aż za dobrze. Skrócimy ostatni moduł, cena się nie zmieni."),
        they(
            "58m",
            "Bardzo dziękuję! I jeszcze drobiazg: od poniedziałku mam nowe stanowisko. Kadry wciąż "
            "spierają się o nazwę, więc w systemie może się ona zmieniać z godziny na godzinę.",
        ),
        we("44m", "Gratuluję! Zaraz poprawię to u nas, żeby na umowie było jak należy."),
        they(
            "38m",
            "Dziękuję. Proszę o potwierdzenie terminu, gdy tylko będzie znany. Pozdrawiam serdecznie, Zofia",
        ),
    ),
)
