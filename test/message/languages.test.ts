/** Ways to leave and how soon they take effect, in each language that Sluice brings. */

import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { findRevocationNotice } from '../../src/message/revocation-notice.js';
import { findUnsubscribe } from '../../src/message/unsubscribe.js';
import { builtInWords, parseWords, wordsWith } from '../../src/message/words.js';
import { inspected } from './mails.js';

const words = builtInWords();

interface Sample {
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

const SAMPLES: Readonly<Record<string, Sample>> = {
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

const NEWS = 'Acme 2026. Lorem ipsum dolor sit amet.';

t.test('no language is without a sample', async (t) => {
  const shipped = words.languages.map(({ language }) => language).filter((language) => language !== 'mul');
  t.same(shipped, Object.keys(SAMPLES).sort());
});

for (const [language, sample] of Object.entries(SAMPLES)) {
  t.test(`to leave, in ${language}`, async (t) => {
    const byText = findUnsubscribe(
      inspected({ html: `<p>${NEWS}</p><p><a href="https://acme.example/a/1">${sample.link}</a></p>` }),
      words,
    );
    t.match(byText.means, [{ kind: 'link', where: '1', problem: null }], sample.link);
    const [before, link] = sample.around;
    const byAround = findUnsubscribe(
      inspected({ html: `<p>${NEWS}</p><p>${before} <a href="https://acme.example/a/1">${link}</a>.</p>` }),
      words,
    );
    t.match(byAround.means, [{ kind: 'link', problem: null, words: { language } }], before);
    const inText = findUnsubscribe(inspected({ text: `${NEWS}\n\n${before}: https://acme.example/a/1\n` }), words);
    t.match(inText.means, [{ kind: 'link', value: 'https://acme.example/a/1', problem: null }]);
    const byReply = findUnsubscribe(inspected({ text: `${NEWS}\n\n${sample.reply}\n` }), words);
    t.match(byReply.means, [{ kind: 'reply', problem: null, words: { language } }], sample.reply);
    const none = findUnsubscribe(
      inspected({ html: `<p>${NEWS}</p><a href="https://acme.example/a/1">${link}</a>` }),
      words,
    );
    t.same(none.means, [], 'not by a link that says nothing');
  });

  t.test(`how soon it takes effect, in ${language}`, async (t) => {
    const hours = (sentence: string) => {
      const finding = findRevocationNotice(inspected({ text: `${NEWS}\n\n${sentence}\n` }), words);
      return { found: finding.found, hours: finding.notices[0]?.hours, longer: finding.longer?.hours };
    };
    t.match(hours(sample.hours48), { found: true, hours: 48 }, sample.hours48);
    t.match(hours(sample.days2), { found: true, hours: 48 }, sample.days2);
    t.match(hours(sample.days10), { found: false, hours: 240, longer: 240 }, sample.days10);
    t.match(hours(NEWS), { found: false, hours: undefined });
  });
}

t.test('a time is a notice only where leaving is spoken of', async (t) => {
  const notices = (text: string) => findRevocationNotice(inspected({ text }), words).notices.map(({ hours }) => hours);
  t.same(notices('Our sale ends in 2 days!\n\nUnsubscribe: https://u.example/\n'), []);
  t.same(notices('You get an answer within 48 hours.\n'), []);
  t.same(notices('To unsubscribe click https://u.example/ now. Your request will be processed within 24 hours.'), [24]);
  t.same(notices('You will be removed from our mailing list immediately.'), [0]);
  t.same(notices('Unsubscribe requests take effect within forty-eight (48) hours.'), [48]);
  t.same(notices('Opting out takes 24-72 hours.'), [72]);
  t.same(notices('Unsubscribe requests take\neffect within\n48 hours.'), [48], 'broken lines');
});

t.test('what people write is no instruction to leave', async (t) => {
  const means = (text: string) => findUnsubscribe(inspected({ text }), words).means;
  t.same(means('Hi Bob,\n\nplease reply if you want me to remove the old server.\n'), []);
  t.same(means('Can you send an email to Anna? We should stop by tomorrow.\n'), []);
});

t.test('replies that nobody reads', async (t) => {
  const text = 'To unsubscribe, reply with REMOVE in the subject.';
  const { means, found } = findUnsubscribe(inspected({ header: ['From: noreply@acme.example'], text }), words);
  t.equal(found, false);
  t.match(means[0]?.problem, /nobody reads/);
  const elsewhere = { header: ['From: noreply@acme.example', 'Reply-To: leave@acme.example'], text };
  t.equal(findUnsubscribe(inspected(elsewhere), words).found, true);
});

t.test('our own files are what the schema asks for', async (t) => {
  const folder = new URL('../../src/message/words/', import.meta.url);
  const names = readdirSync(folder);
  for (const name of names) t.match(parseWords(readFileSync(new URL(name, folder), 'utf8')), { ok: true }, name);
  t.equal(builtInWords().languages.length, names.length);
});

t.test('another language, by a file', async (t) => {
  const result = parseWords('{"language": "eo", "unsubscribe": ["malabon*"], "numbers": {"du": 2}, "days": ["tagoj"]}');
  if (!result.ok) return t.fail(result.reason);
  const more = wordsWith([result.words]);
  const html = '<a href="https://acme.example/x">Malaboni</a>';
  t.equal(findUnsubscribe(inspected({ html }), words).found, false);
  t.equal(findUnsubscribe(inspected({ html }), more).found, true);
  t.equal(findRevocationNotice(inspected({ text: 'Malabono validas post du tagoj.' }), more).found, true);
  t.match(parseWords('{"language": "eo", "unsubscribed": []}'), { ok: false, reason: /unsubscribed/ });
  t.match(parseWords('{'), { ok: false });
});
