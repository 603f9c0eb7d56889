"""The inbox in Polish."""

PL = {
    "skip": "Przejdź do rozmowy",
    "conversations": "Rozmowy",
    "search": "Szukaj rozmów",
    "no_match": "Żadna rozmowa nie pasuje.",
    "unread": "Nieprzeczytane",
    "you": "Ty:",
    "today": "Dzisiaj",
    "yesterday": "Wczoraj",
    "just_now": "Przed chwilą",
    "email": "E-mail",
    "whatsapp": "WhatsApp",
    "sms": "SMS",
    "call": "Telefon",
    "chat": "Czat",
    "reply": "Napisz odpowiedź",
    "send": "Wyślij",
    "local_only": "To demo: odpowiedzi zostają na tej stronie.",
    "sent": "Odpowiedź jest w rozmowie. Nic nie opuściło tej strony.",
    "contact": "Kontakt",
    "frame": "Panel kontaktu",
    "width": "Szerokość panelu kontaktu",
    "wide": "Szeroki",
    "drag": "Przeciągnij, aby zmienić szerokość panelu",
    "back": "Wróć do rozmów",
    "to_thread": "Wróć do rozmowy",
    "loading": "Otwieranie panelu kontaktu …",
    "silent": "Panel kontaktu nie odpowiada. Czy produkt działa pod adresem {origin}?",
    "unsigned": "Skrzynka nie mogła podpisać, kto jest na ekranie. Czy nadal działa?",
    "language": "Język",
    "theme": "Motyw",
    "auto": "Auto",
    "light": "Jasny",
    "dark": "Ciemny",
    "menu": "Menu",
    "salesforce": "Salesforce (bliźniak)",
    "contacts": "Kontakty",
    "admin": "Administracja",
    "new_tab": "otwiera się w nowej karcie",
    "sign_in": "Logowanie demo",
    "sign_in_why": "Do stron administracji i listy kontaktów. Działa tylko w tym demo.",
    "password": "Hasło",
    "tour": "Krótka wycieczka",
    "tour_lead": "Sześć rzeczy w trzy minuty",
    "tour_close": "Zamknij wycieczkę",
    "tour_all": "Wszystkie",
    "tour_next": "Dalej",
    "look": "Zobacz",
    "attempt": "Spróbuj",
    "messy_title": "Nieporządny numer",
    "messy_teaser": "Znaleziony mimo zapisu",
    "messy_look": (
        "Jürgen pisze z +49 171 3920034 i nie podaje e-maila. W Salesforce jego numer to "
        "„0171 / 392 00 34”. Panel i tak go znajduje."
    ),
    "messy_try": "Otwórz Salesforce w nowej karcie i zapisz numer jeszcze dziwniej: panel sam pokaże zmianę.",
    "switchboard_title": "Wspólna centrala",
    "switchboard_teaser": "Jeden numer, trzy osoby",
    "switchboard_look": (
        "Trzy osoby z Harbor & Pine mają ten sam numer, każda zapisany inaczej. Panel daje wybór zamiast zgadywać."
    ),
    "switchboard_try": (
        "Dzwoniąca mówi, kim jest. Wybierz ją, a potem otwórz e-mail Priyi na liście: adres nie wymaga wyboru."
    ),
    "live_title": "Panel na żywo",
    "live_teaser": "Zmiana sama się podświetla",
    "live_look": (
        "Chwilę po tym, jak panel pokaże Amarę, ktoś z zespołu zmienia jej numer komórki w Salesforce. Nowy "
        "numer sam podświetla się w panelu."
    ),
    "live_try": "Powtórz to albo zmień któreś z jej pól w Salesforce. Zielona kropka mówi, że panel działa na żywo.",
    "faster_title": "Ktoś był szybszy",
    "faster_teaser": "Żadna zmiana nie ginie",
    "faster_look": (
        "Edytujesz stanowisko Zofii (Title), a w tym czasie ktoś z zespołu zmienia je w Salesforce. To, co "
        "piszesz, zostaje, a nowa wartość pojawia się pod spodem."
    ),
    "faster_try": (
        "Kliknij stanowisko w panelu i zacznij pisać. Potem niech ktoś z zespołu je zmieni, a Ty zapisz: "
        "zobaczysz obie wartości i zdecydujesz, która zostaje."
    ),
    "new_title": "Nowy kontakt w Salesforce",
    "new_teaser": "Powstał tam, znany tutaj",
    "new_look": (
        "Na początku nikt nie zna Inès. Po chwili ktoś z zespołu tworzy ją w Salesforce, a także osobę z jej "
        "pracowni, która nigdy do nas nie pisała."
    ),
    "new_try": (
        "Niech panel poszuka ponownie: jest Inès. Potem otwórz Kontakty: ona jest powiązana, a nowa osoba ma "
        "etykietę „Auto-create: Salesforce”."
    ),
    "down_title": "Salesforce nie działa",
    "down_teaser": "Panel mówi, jak jest",
    "down_look": (
        "Chwilę po pokazaniu Owena Salesforce przestaje odpowiadać. Panel mówi to wprost i "
        "nie myli tego z „nikogo nie znaleziono”."
    ),
    "down_try": "Odśwież panel albo otwórz inną rozmowę. Potem przywróć Salesforce.",
    "wait": "Chwileczkę …",
    "again": "Jeszcze raz",
    "let": "Niech ktoś je zmieni",
    "turn_off": "Wyłącz Salesforce",
    "bring_back": "Przywróć",
    "banner": "Salesforce jest wyłączony na czas wycieczki.",
    "faster_done": "Ktoś z zespołu właśnie zmienił jej stanowisko na „{title}”.",
    "live_done": "Ktoś z zespołu właśnie zmienił jej numer komórki na {phone}.",
    "missing": (
        "{name}: tej osoby nie ma już w organizacji, więc nikt nie mógł jej zmienić. Uruchom demo z --fresh, aby "
        "wróciła."
    ),
    "new_done": "Inès i {name} są już w Salesforce.",
    "down_done": "Salesforce przestał odpowiadać.",
    "up_done": "Salesforce znów odpowiada.",
    "while_down": "Salesforce jest wyłączony, więc to się nie udało. Przywróć go i spróbuj ponownie.",
    "unreachable": "Nie można połączyć się z Salesforce. Czy demo nadal działa?",
    "refused": "Salesforce odmówił: {reason}",
    "no_inbox": "Skrzynka nie odpowiada. Czy demo nadal działa?",
}
