"""The inbox in Japanese."""

JA = {
    "skip": "会話へ移動",
    "conversations": "会話",
    "search": "会話を検索",
    "no_match": "一致する会話はありません。",
    "unread": "未読",
    "you": "自分：",
    "today": "今日",
    "yesterday": "昨日",
    "just_now": "たった今",
    "email": "メール",
    "whatsapp": "WhatsApp",
    "sms": "SMS",
    "call": "電話",
    "chat": "ウェブチャット",
    "reply": "返信を書く",
    "send": "送信",
    "local_only": "デモのため、返信はこのページの外に出ません。",
    "sent": "返信を会話に追加しました。外部には送信されていません。",
    "contact": "連絡先",
    "frame": "連絡先パネル",
    "width": "連絡先パネルの幅",
    "wide": "広い",
    "drag": "ドラッグしてパネルの幅を変更",
    "back": "会話一覧に戻る",
    "to_thread": "会話に戻る",
    "loading": "連絡先パネルを開いています…",
    "silent": "連絡先パネルが応答しません。{origin} で製品が動いているか確認してください。",
    "unsigned": "表示中の相手を署名できませんでした。受信箱が動いているか確認してください。",
    "language": "言語",
    "theme": "テーマ",
    "auto": "自動",
    "light": "ライト",
    "dark": "ダーク",
    "menu": "メニュー",
    "salesforce": "Salesforce（ツイン）",
    "contacts": "連絡先一覧",
    "admin": "管理",
    "new_tab": "新しいタブで開きます",
    "sign_in": "デモのサインイン",
    "sign_in_why": "管理画面と連絡先一覧で使います。このデモでのみ有効です。",
    "password": "パスワード",
    "tour": "ツアーを始める",
    "tour_lead": "三分で六つの見どころ",
    "tour_close": "ツアーを閉じる",
    "tour_all": "一覧",
    "tour_next": "次へ",
    "look": "見どころ",
    "attempt": "試すこと",
    "messy_title": "乱れた電話番号",
    "messy_teaser": "どんな書き方でも見つかる",
    "messy_look": (
        "Jürgenさんは +49 171 3920034 "
        "から連絡し、メールアドレスはありません。Salesforceでは「0171 / 392 00 "
        "34」ですが、パネルは見つけます。"
    ),
    "messy_try": "新しいタブでSalesforceを開き、番号をもっと変わった書き方にしてください。パネルは自動で追従します。",
    "switchboard_title": "共有の代表番号",
    "switchboard_teaser": "一つの番号に三人",
    "switchboard_look": (
        "Harbor & Pineの三人が同じ番号を別々の書き方で使っています。パネルは推測せず、選択肢を示します。"
    ),
    "switchboard_try": (
        "電話の主は名乗っています。その人を選び、次に一覧のPriyaさんのメールを開くと、選択は不要です。"
    ),
    "live_title": "ライブのパネル",
    "live_teaser": "変更がひとりでに光る",
    "live_look": (
        "Amaraさんの表示後まもなく、同僚がSalesforceで携帯番号を変更します。更新しなくても、"
        "パネルの番号が自動で変わって光ります。"
    ),
    "live_try": (
        "もう一度試すか、Salesforceでご自分で項目を変更してください。緑の点は、パネルがライブであることを示します。"
    ),
    "faster_title": "先を越された",
    "faster_teaser": "どの編集も失われない",
    "faster_look": (
        "Zofiaさんの役職（Title）を編集している間に、同僚がSalesforceで同じ項目を変更します。入力中の内容は残り、"
        "新しい値がその下に表示されます。"
    ),
    "faster_try": (
        "パネルで役職をクリックして入力を始め、同僚に先に変更させてから保存してください。両方の値を見て、"
        "どちらを残すか選べます。"
    ),
    "new_title": "Salesforceの新しい連絡先",
    "new_teaser": "あちらで作成、こちらにも",
    "new_look": (
        "最初は誰もInèsさんを知りません。少し後に同僚が、Inèsさんと、"
        "まだ連絡のない同じ工房の人をSalesforceで作成します。"
    ),
    "new_try": (
        "パネルでもう一度検索するとInèsさんが見つかります。次に連絡先一覧を開くと、Inèsさんはリンク済みで、"
        "新しい人には「Auto-create: Salesforce」のタグが付いています。"
    ),
    "down_title": "Salesforceが停止",
    "down_teaser": "パネルは正直に伝える",
    "down_look": (
        "Owenさんの表示後まもなく、Salesforceが応答しなくなります。パネルはそれを伝え、「該当者なし」とは混同しません。"
    ),
    "down_try": "パネルを更新するか、別の会話を開いてください。その後Salesforceを復旧してください。",
    "wait": "少々お待ちください…",
    "again": "もう一度",
    "let": "同僚に変更させる",
    "turn_off": "Salesforceを停止",
    "bring_back": "復旧する",
    "banner": "ツアーのためSalesforceを停止しています。",
    "faster_done": "同僚が役職を「{title}」に変更しました。",
    "live_done": "同僚が携帯番号を {phone} に変更しました。",
    "missing": (
        "{name}さんはこの組織にもういないため、変更できませんでした。--fresh を付けてデモを起動し直してください。"
    ),
    "new_done": "Inèsさんと{name}さんがSalesforceに作成されました。",
    "down_done": "Salesforceは応答しなくなりました。",
    "up_done": "Salesforceが復旧しました。",
    "while_down": "Salesforceが停止中のため実行できませんでした。復旧してからもう一度お試しください。",
    "unreachable": "Salesforceに接続できません。デモが動いているか確認してください。",
    "refused": "Salesforceが拒否しました：{reason}",
    "no_inbox": "受信箱が応答しません。デモが動いているか確認してください。",
}
