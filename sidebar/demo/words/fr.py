"""The inbox in French."""

FR = {
    "skip": "Aller à la conversation",
    "conversations": "Conversations",
    "search": "Rechercher",
    "no_match": "Aucune conversation ne correspond.",
    "unread": "Non lu",
    "you": "Vous\u00a0:",
    "today": "Aujourd'hui",
    "yesterday": "Hier",
    "just_now": "À l'instant",
    "email": "E-mail",
    "whatsapp": "WhatsApp",
    "sms": "SMS",
    "call": "Appel",
    "chat": "Chat du site",
    "reply": "Écrire une réponse",
    "send": "Envoyer",
    "local_only": "Démo\u00a0: les réponses restent sur cette page.",
    "sent": "Votre réponse est dans le fil. Rien n'a quitté cette page.",
    "contact": "Contact",
    "frame": "Panneau du contact",
    "width": "Largeur du panneau",
    "wide": "Large",
    "drag": "Faire glisser pour redimensionner le panneau",
    "back": "Retour aux conversations",
    "to_thread": "Retour à la conversation",
    "loading": "Ouverture du panneau …",
    "silent": "Le panneau du contact ne répond pas. Le produit tourne-t-il à l'adresse {origin}\u00a0?",
    "unsigned": "La boîte n'a pas pu signer qui est à l'écran. Tourne-t-elle encore\u00a0?",
    "language": "Langue",
    "theme": "Thème",
    "auto": "Auto",
    "light": "Clair",
    "dark": "Sombre",
    "menu": "Menu",
    "salesforce": "Salesforce (jumeau)",
    "contacts": "Contacts",
    "admin": "Administration",
    "new_tab": "s'ouvre dans un nouvel onglet",
    "sign_in": "Connexion démo",
    "sign_in_why": "Pour l'administration et la liste des contacts. Valable dans cette démo seulement.",
    "password": "Mot de passe",
    "tour": "Faire la visite",
    "tour_lead": "Six choses en trois minutes",
    "tour_close": "Fermer la visite",
    "tour_all": "Les six",
    "tour_next": "Suivant",
    "look": "À voir",
    "attempt": "À essayer",
    "messy_title": "Un numéro en désordre",
    "messy_teaser": "Trouvé, quelle que soit l'écriture",
    "messy_look": (
        "Jürgen écrit depuis le +49 171 3920034, sans e-mail. Dans Salesforce, son numéro est "
        "noté «\u00a00171 / 392 00 34\u00a0». Le panneau le trouve quand même."
    ),
    "messy_try": (
        "Ouvrez Salesforce dans un nouvel onglet et écrivez son numéro plus bizarrement encore\u00a0: le panneau "
        "suit tout seul."
    ),
    "switchboard_title": "Un standard partagé",
    "switchboard_teaser": "Un numéro, trois personnes",
    "switchboard_look": (
        "Trois personnes de Harbor & Pine partagent ce numéro, noté chaque fois autrement. Le "
        "panneau propose un choix au lieu de deviner."
    ),
    "switchboard_try": (
        "L'appelante dit qui elle est. Choisissez-la, puis ouvrez l'e-mail de Priya dans la liste\u00a0: "
        "une adresse suffit."
    ),
    "live_title": "Un panneau en direct",
    "live_teaser": "Un changement s'allume tout seul",
    "live_look": (
        "Un instant après l'affichage d'Amara, une collègue change son numéro de portable dans Salesforce. Il "
        "s'allume tout seul dans le panneau."
    ),
    "live_try": (
        "Recommencez, ou modifiez vous-même un de ses champs dans Salesforce. Le point vert dit que le panneau "
        "est en direct."
    ),
    "faster_title": "Quelqu'un a été plus rapide",
    "faster_teaser": "Aucune correction perdue",
    "faster_look": (
        "Vous modifiez le titre (Title) de Zofia pendant qu'une collègue le change dans Salesforce. Votre saisie "
        "reste, et la nouvelle valeur apparaît au-dessous."
    ),
    "faster_try": (
        "Cliquez sur le titre dans le panneau et commencez à écrire. Laissez la collègue être plus rapide, puis "
        "enregistrez\u00a0: vous voyez les deux valeurs et vous décidez."
    ),
    "new_title": "Un nouveau contact",
    "new_teaser": "Créé là-bas, connu ici",
    "new_look": (
        "Au début, personne ne connaît Inès. Un instant plus tard, une collègue la crée dans Salesforce, ainsi "
        "qu'une personne de son atelier qui ne nous a jamais écrit."
    ),
    "new_try": (
        "Faites chercher le panneau à nouveau\u00a0: voilà Inès. Puis ouvrez Contacts\u00a0: elle est liée, et "
        "la nouvelle personne porte l'étiquette «\u00a0Auto-create: Salesforce\u00a0»."
    ),
    "down_title": "Salesforce est en panne",
    "down_teaser": "Le panneau reste honnête",
    "down_look": (
        "Un instant après l'affichage d'Owen, Salesforce ne répond plus. Le panneau le dit, "
        "sans le confondre avec «\u00a0personne trouvé\u00a0»."
    ),
    "down_try": "Actualisez le panneau ou ouvrez une autre conversation. Puis rétablissez Salesforce.",
    "wait": "Un instant …",
    "again": "Encore une fois",
    "let": "Laisser faire la collègue",
    "turn_off": "Couper Salesforce",
    "bring_back": "Rétablir",
    "banner": "Salesforce est coupé pour la visite.",
    "faster_done": "Une collègue vient de changer son titre en «\u00a0{title}\u00a0».",
    "live_done": "Une collègue vient de remplacer son numéro de portable par le {phone}.",
    "missing": (
        "{name} n'est plus dans cette organisation, personne n'a donc pu la modifier. Relancez la démo avec "
        "--fresh pour la retrouver."
    ),
    "new_done": "Inès et {name} sont maintenant dans Salesforce.",
    "down_done": "Salesforce ne répond plus.",
    "up_done": "Salesforce répond de nouveau.",
    "while_down": "Salesforce est coupé, l'action n'a pas pu se faire. Rétablissez-le et réessayez.",
    "unreachable": "Salesforce est injoignable. La démo tourne-t-elle encore\u00a0?",
    "refused": "Salesforce a refusé\u00a0: {reason}",
    "no_inbox": "La boîte ne répond pas. La démo tourne-t-elle encore\u00a0?",
}
