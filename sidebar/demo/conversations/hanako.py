"""山田 花子 by e-mail: family name first, and no blanks to split at."""

from sidebar.demo.conversations.shape import Conversation, Customer, they, we

HANAKO = Conversation(
    id="hanako",
    channel="email",
    language="ja",
    subject="会議室の机について",
    customer=Customer(
        external_id="hb-1101",
        name="山田 花子",
        emails=("hanako.yamada@minato.example",),
        country="JP",
    ),
    messages=(
        they(
            "2d 09:05",
            "お世話になっております。株式会社みなとの山田です。会議室の机を四台、追加でお願いできますでしょうか。",
        ),
        we(
            "2d 09:40",
            "山田様、いつもありがとうございます。前回と同じオーク材、幅180センチでよろしいでしょうか。",
        ),
        they("2d 10:12", "はい、同じものでお願いいたします。脚の色だけ黒にできますか。"),
        we("2d 10:20", "承知いたしました。黒の脚は追加料金なしで承ります。納期は三週間ほどです。"),
        they("1d 09:15", "助かります。搬入は平日の午前中ですと、エレベーターが空いております。"),
        we("190m", "では、午前九時半の搬入で手配いたします。確定しましたらご連絡いたします。"),
        they("176m", "ありがとうございます。新しい名刺ができましたので、次回お渡しいたします。"),
    ),
)
