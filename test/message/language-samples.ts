/** What bulk mail says of leaving, in each language that Sluice brings. */

export interface Sample {
  /** Text of a link to leave. */
  readonly link: string;
  /** What is said before a link that says nothing, and that link's text. */
  readonly around: readonly [before: string, link: string];
  readonly reply: string;
  /** Stated times: within 48 hours, two days, ten (business) days. */
  readonly hours48: string;
  readonly days2: string;
  readonly days10: string;
}

export const SAMPLES: Readonly<Record<string, Sample>> = {
  en: {
    link: 'Unsubscribe from this list',
    around: ['If you no longer wish to receive these emails, please click', 'here'],
    reply: 'To be taken off our list, reply with the word "Remove" in the subject line.',
    hours48: 'Unsubscribe requests are honored within 48 hours.',
    days2: 'Your opt-out takes effect within two days.',
    days10: 'Unsubscribing may take up to 10 business days to process.',
  },
  es: {
    link: 'Darse de baja',
    around: ['Si no desea recibir más correos, haga clic', 'aquí'],
    reply: 'Para darse de baja, responda a este correo con la palabra BAJA en el asunto.',
    hours48: 'Su baja del boletín será efectiva en un plazo de 48 horas.',
    days2: 'La solicitud de baja se tramitará en dos días; puede cancelar su suscripción cuando quiera.',
    days10: 'Cancelar la suscripción puede tardar 10 días en ser procesado.',
  },
  fr: {
    link: 'Se désabonner',
    around: ['Pour ne plus recevoir nos messages, cliquez', 'ici'],
    reply: 'Pour vous désinscrire, répondez à ce message avec « STOP » en objet.',
    hours48: 'Votre désinscription sera prise en compte sous 48 heures.',
    days2: 'Votre désabonnement sera effectif dans les deux jours.',
    days10: 'La désinscription est traitée sous dix jours.',
  },
  de: {
    link: 'Newsletter abbestellen',
    around: ['Wenn Sie keine weiteren E-Mails erhalten möchten, klicken Sie', 'hier'],
    reply: 'Zum Abmelden antworten Sie bitte mit dem Betreff „Abmelden“.',
    hours48: 'Ihre Abmeldung wird innerhalb von 48 Stunden wirksam.',
    days2: 'Abmeldungen werden binnen zwei Tagen bearbeitet.',
    days10: 'Die Abmeldung kann bis zu zehn Werktage dauern.',
  },
  pt: {
    link: 'Cancelar inscrição',
    around: ['Se não deseja receber mais mensagens, clique', 'aqui'],
    reply: 'Para sair da lista, responda a este e-mail com REMOVER no assunto.',
    hours48: 'O seu pedido para cancelar a subscrição será processado em até 48 horas.',
    days2: 'Descadastramentos são efetivados em dois dias.',
    days10: 'O cancelamento da inscrição: cancelar sua inscrição leva 10 dias.',
  },
  it: {
    link: 'Annulla l’iscrizione',
    around: ['Se non desideri più ricevere queste email, clicca', 'qui'],
    reply: 'Per cancellarti rispondi a questa email con oggetto "Cancellami".',
    hours48: 'La disiscrizione sarà effettiva entro 48 ore.',
    days2: 'La disiscrizione avverrà entro due giorni.',
    days10: 'La richiesta di disiscrizione verrà elaborata entro dieci giorni.',
  },
  nl: {
    link: 'Uitschrijven voor deze nieuwsbrief',
    around: ['Wilt u geen berichten meer ontvangen, klik dan', 'hier'],
    reply: 'Om u af te melden: beantwoord deze e-mail met als onderwerp "Afmelden".',
    hours48: 'Uw afmelding wordt binnen 48 uur verwerkt.',
    days2: 'Afmeldingen worden binnen twee dagen doorgevoerd.',
    days10: 'Het afmelden kan tot tien werkdagen duren.',
  },
  pl: {
    link: 'Wypisz się',
    around: ['Jeśli nie chcesz otrzymywać naszych wiadomości, kliknij', 'tutaj'],
    reply: 'Aby zrezygnować, odpowiedz na tę wiadomość wpisując w temacie „Wypisz”.',
    hours48: 'Rezygnacja zostanie zrealizowana w ciągu 48 godzin.',
    days2: 'Wypisanie z listy zostanie uwzględnione w ciągu dwóch dni.',
    days10: 'Rezygnacja jest przetwarzana w ciągu 10 dni roboczych.',
  },
  tr: {
    link: 'Abonelikten çık',
    around: ['Bu e-postaları almak istemiyorsanız lütfen', 'buraya tıklayın'],
    reply: 'Listeden çıkmak için bu e-postayı konu satırına "İptal" yazarak yanıtlayın.',
    hours48: 'Abonelikten çıkma talebiniz 48 saat içinde işleme alınır.',
    days2: 'Abonelikten çıkma talebiniz iki gün içinde yerine getirilir.',
    days10: 'Abonelikten ayrılma işlemi 10 iş günü içinde tamamlanır.',
  },
  ru: {
    link: 'Отписаться от рассылки',
    around: ['Если вы не хотите получать наши письма, нажмите', 'здесь'],
    reply: 'Чтобы отписаться, ответьте на это письмо с темой «Отписаться».',
    hours48: 'Отписка будет обработана в течение 48 часов.',
    days2: 'Ваш отказ от рассылки вступит в силу в течение двух дней.',
    days10: 'Отписка может занять до 10 рабочих дней.',
  },
  ja: {
    link: '配信停止はこちら',
    around: ['メールの配信を停止するには', 'こちら'],
    reply: '配信停止をご希望の方は、件名に「配信停止」と記入してご返信ください。',
    hours48: '配信停止の手続きは48時間以内に反映されます。',
    days2: '配信停止は二日以内に処理されます。',
    days10: '配信停止の処理には10営業日かかります。',
  },
  zh: {
    link: '退订此邮件',
    around: ['如果您不想再收到此类邮件，请点击', '这里'],
    reply: '如需退订，请回复本邮件，并在主题中注明“退订”。',
    hours48: '您的退订请求将在48小时内处理。',
    days2: '取消订阅将在两天内生效。',
    days10: '退订请求将在10个工作日内处理。',
  },
  ar: {
    link: 'إلغاء الاشتراك',
    around: ['إذا كنت لا ترغب في تلقي رسائلنا، اضغط', 'هنا'],
    reply: 'لإلغاء الاشتراك، قم بالرد على هذه الرسالة مع كتابة "إلغاء" في الموضوع.',
    hours48: 'سيتم تنفيذ إلغاء الاشتراك خلال 48 ساعة.',
    days2: 'سيتم إلغاء الاشتراك خلال يومين.',
    days10: 'تتم معالجة إلغاء الاشتراك خلال ١٠ أيام عمل.',
  },
};
