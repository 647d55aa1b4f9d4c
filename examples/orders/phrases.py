"""What people write: notes on orders and support chats, by country. `{name}` stands for a value to plant.

Values stand apart from letters, as people do write them; scripts without spaces get one around the value.
"""

NOTES = {
    "US": (
        "Leave it at the side door, please. Call {phone} if nobody opens.",
        "Gift! No invoice in the box 🎁",
        "Gate code is on the door.",
    ),
    "GB": (
        "Ring {phone} before delivery, the bell is broken.",
        "Leave with the neighbour at no. 4.",
        "Cheers, no rush.",
    ),
    "DE": (
        "Bitte vorher anrufen: {phone} – danke!",
        "Paket beim Nachbarn abgeben, er heißt Müßig.",
        "Rechnung bitte an {email}",
    ),
    "FR": (
        "Appelez-moi au {phone} avant la livraison.",
        "À laisser chez la gardienne, s’il vous plaît.",
        "Code du portail affiché.",
    ),
    "IN": ("Please call {phone} when you reach the gate.", "Deliver after 6 pm only.", "GST bill to {email} please."),
    "BR": (
        "Por favor ligue para {phone} antes de entregar.",
        "Deixar na portaria 😊",
        "Nota fiscal para {email} , obrigado.",
    ),
    "JP": (
        "不在の場合は {phone} へお電話ください。",
        "置き配でお願いします。🙏",
        "領収書は {email} までお願いします。",
    ),
    "KR": ("도착 전에 {phone} 로 전화 주세요.", "문 앞에 놓아 주세요.", "영수증은 {email} 로 보내 주세요."),
}

OPENINGS = {
    "US": (
        "Hi, I was charged twice. My card is {card} and my email is {email}.",
        "You asked to verify me. My social security number (SSN) is {ssn}, phone {phone}.",
        "Where is my parcel?? Text me at {phone} please 😡",
        "Order never arrived. Refund to card {card} please.",
        "Does the blue one come in size 42?",
    ),
    "GB": (
        "My national insurance number is {nino} if you need it for the refund.",
        "I paid with {card} but the order shows unpaid. Mail me: {email}",
        "Please refund to IBAN {iban}. Thanks!",
        "This medical chair is covered, NHS number {nhs}. Who do I send the form to?",
        "Is the warranty two years or three?",
    ),
    "DE": (
        "Die Erstattung bitte auf {iban} überweisen. Rückfragen: {phone}",
        "Meine Karte {card} wurde zweimal belastet!",
        "Schreiben Sie mir bitte an {email} , größere Anhänge gehen nicht.",
        "Kann ich die Größe noch ändern?",
    ),
    "FR": (
        "Merci de me rembourser sur le compte {iban}.",
        "J’ai payé avec la carte {card} et je n’ai rien reçu.",
        "Écrivez-moi à {email} ou appelez le {phone}.",
        "Où est mon colis ? Ça fait une semaine…",
    ),
    "IN": (
        "My PAN is {pan}, please add it to the invoice.",
        "Payment failed but card {card} was debited. Call {phone}.",
        "Kindly send the bill to {email}",
        "When will COD be available for Chapra?",
    ),
    "BR": (
        "Meu CPF é {cpf} e o e-mail é {email}.",
        "Fui cobrado duas vezes no cartão {card} 😤",
        "Me liga no {phone} por favor.",
        "Qual o prazo de entrega?",
    ),
    "JP": (
        "カード {card} で二重に請求されています。",
        "返信は {email} までお願いします。電話は {phone} です。",
        "返品したいのですが、どうすればよいですか。",
    ),
    "KR": (
        "주민등록번호 {rrn} 로 본인 확인 부탁드립니다.",
        "카드 {card} 가 두 번 결제됐어요 😢",
        "답변은 {email} 로 주세요.",
        "배송은 언제 오나요?",
    ),
}

REPLIES = (
    "Thanks for waiting. I have passed this on to employee {employee} in billing.",
    "I am sorry about that. I have sent a confirmation to {email}.",
    "Could you confirm that you can be reached on {phone}?",
    "The refund was started today and takes three to five days.",
    "Happy to help! Is there anything else?",
    "I see the session came from {ip}, was that you?",
)

PASTED = (
    "My integration stopped working, here is what I use: aws_access_key_id = {aws}",
    "The webhook job says 401. Token: {github}",
    "Config below\n[default]\naws_access_key_id={aws}\nregion=eu-central-1",
)

TITLES = (
    'Canvas tote "Ida"',
    "Espresso cups 4/6",
    "Wool socks, grey",
    "Desk lamp 40 W",
    "Notebook A5 – dotted",
    "Bicycle bell",
    "Tea: Sencha 緑茶",
    "Enamel pot 1.5 l",
    "Rain jacket",
    "Chess set",
    "Plant pot ø 12 cm",
    "Linen towel",
)
