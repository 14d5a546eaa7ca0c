/** Mail of several senders' templates, personalised as their programs would: what alikeness is measured on. */

import { createHash } from 'node:crypto';

export interface Reader {
  readonly first: string;
  readonly last: string;
  readonly city: string;
  readonly address: string;
  /** Different for each reader and message. */
  readonly id: string;
  readonly number: number;
}

export interface Template {
  readonly name: string;
  /** Transactional mail of one system: alike within a template, and a false alarm across them. */
  readonly kind: 'campaign' | 'transactional' | 'personal';
  readonly write: (reader: Reader) => { readonly subject: string; readonly text?: string; readonly html?: string };
}

const FIRST =
  'Anna Bob Carla Dimitri Elif Farid Giulia Hiroshi Ines Jan Kofi Liu María Noor Olga Pierre Quinn Rosa Sven Tomasz Ulla Viktor Wei Ximena Yusuf Zoë'.split(
    ' ',
  );
const LAST =
  'Smith Müller García Rossi Dubois Kowalski Yılmaz Ivanova Tanaka Wang Haddad Silva Jansen Okafor O’Brien'.split(' ');
const CITIES = [
  'Berlin',
  'São Paulo',
  'New York',
  'Kraków',
  'Istanbul',
  'Osaka',
  'Lyon',
  'Port of Spain',
  'Cairo',
  'Ghent',
];
const GOODS =
  'lamp|garden chair|espresso machine|running shoes size 42|winter coat|phone case|set of six glasses|desk|tent for two|bicycle bell'.split(
    '|',
  );

/** The same for the same number, everywhere. */
export function reader(number: number): Reader {
  const id = createHash('sha256')
    .update(`reader ${number}`)
    .digest('base64url')
    .slice(0, 16 + (number % 9));
  const first = pick(FIRST, number);
  const last = pick(LAST, Math.floor(number / 3));
  const address = `${first.toLowerCase().replace(/\W/g, '')}.${number}@mail${number % 7}.example`;
  return { first, last, city: pick(CITIES, number * 7), address, id, number };
}

function pick<T>(from: readonly T[], number: number): T {
  return from[number % from.length] as T;
}

const FOOTER = (r: Reader, host: string): string =>
  `You receive this mail because ${r.address} is registered at ${host}. Example Ltd, 12 Main Street, Springfield, IL 62701.`;

/** Shared by all mail of one system: what makes its receipts and resets look alike. */
const SYSTEM_FOOTER =
  'This is an automatic message of Example Accounts, please do not reply. If you have questions, visit our help centre or write to our support. Example Ltd, 12 Main Street, Springfield.';

const DISCLAIMER =
  'This e-mail and any attachments are confidential and intended solely for the addressee. If you are not the intended recipient, please notify the sender and delete this message. Any views expressed are those of the author. Example Ltd is registered in England under number 1234567.';

export const TEMPLATES: readonly Template[] = [
  {
    name: 'newsletter, HTML and text, English',
    kind: 'campaign',
    write: (r) => ({
      subject: `${r.first}, our spring collection is here`,
      text: `Hi ${r.first},\n\nour spring collection has arrived in ${r.city}. Discover light fabrics, bright colours and shoes for every path. Until Sunday all orders ship free of charge, and members save another ten percent on everything in the shop.\n\nSee it: https://click.shop.example/c/${r.id}?u=${r.number}\n\nUnsubscribe: https://click.shop.example/u/${r.id}\n${FOOTER(r, 'shop.example')}\n`,
      html: `<html><head><style>.pre{display:none}</style></head><body><div class=pre>${r.id} for you</div><h1>Hello ${r.first} ${r.last}!</h1><p>Our spring collection has arrived in <b>${r.city}</b>. Discover light fabrics, bright colours and shoes for every path. Until Sunday all orders ship free of charge, and members save another ten percent on everything in the shop.</p><a href="https://click.shop.example/c/${r.id}?u=${r.number}"><img src="https://img.shop.example/spring/hero.jpg?i=${r.id}" alt="Spring"></a><p><a href="https://click.shop.example/u/${r.id}">Unsubscribe</a></p><p>${FOOTER(r, 'shop.example')}</p><img src="https://click.shop.example/o/${r.id}.gif"></body></html>`,
    }),
  },
  {
    name: 'newsletter of the same shop, another week',
    kind: 'campaign',
    write: (r) => ({
      subject: `${r.first}, last days of the garden sale`,
      html: `<html><body><h1>Hello ${r.first} ${r.last}!</h1><p>Everything for your garden is reduced until the end of the month: tools, seeds, furniture and barbecues. Our gardeners answer your questions in the shop near ${r.city} every Saturday between nine and noon. Come by and bring a photo of your balcony!</p><a href="https://click.shop.example/c/${r.id}?u=${r.number}"><img src="https://img.shop.example/garden/hero.jpg?i=${r.id}" alt="Garden"></a><p><a href="https://click.shop.example/u/${r.id}">Unsubscribe</a></p><p>${FOOTER(r, 'shop.example')}</p></body></html>`,
    }),
  },
  {
    name: 'offer with a chosen product, German',
    kind: 'campaign',
    write: (r) => ({
      subject: `Nur heute: ${pick(GOODS, r.number)}`,
      text: `Sehr geehrte Frau ${r.last},\n\nwir haben etwas für Sie ausgesucht: ${pick(GOODS, r.number)} zum Preis von ${r.number % 90},99 Euro statt ${100 + (r.number % 50)},00 Euro. Das Angebot gilt nur heute und nur, solange der Vorrat reicht. Bestellen Sie gleich in unserem Laden im Netz, wir liefern innerhalb von drei Tagen nach ${r.city}.\n\nhttps://laden.example/angebot/${r.id}\n\nKeine weiteren E-Mails: https://laden.example/abmelden/${r.id}\n`,
    }),
  },
  {
    name: 'newsletter, Japanese',
    kind: 'campaign',
    write: (r) => ({
      subject: `${r.last}様 春の新作のお知らせ`,
      text: `${r.last} ${r.first}様\n\nいつもご利用いただきありがとうございます。春の新作が届きました。軽い生地の上着、明るい色のかばん、歩きやすい靴をご用意しております。日曜日までにご注文いただくと送料が無料になります。ぜひ店舗またはオンラインショップでご覧ください。\n\nhttps://mise.example/haru/${r.id}\n\n配信停止はこちら https://mise.example/teishi/${r.id}\n`,
    }),
  },
  {
    name: 'newsletter, Chinese',
    kind: 'campaign',
    write: (r) => ({
      subject: `${r.first}，春季新品上市`,
      html: `<p>亲爱的${r.last}${r.first}：</p><p>感谢您一直以来的支持。我们的春季新品已经到店，轻薄的外套、明亮的手袋和舒适的鞋子等您来挑选。周日之前下单免运费，会员再享九折优惠。您的会员编号是${r.number}。欢迎光临我们在${r.city}的门店或网上商城。</p><a href="https://dian.example/chun/${r.id}">立即查看</a><a href="https://dian.example/tuiding/${r.id}">退订</a>`,
    }),
  },
  {
    name: 'scam, text, random words at its end',
    kind: 'campaign',
    write: (r) => ({
      subject: `Payment ${r.number}`,
      text: `Dear ${r.first},\n\nI am the widow of a late minister and have a sum of ${r.number % 40} million dollars in a bank abroad. I need an honest partner to receive this money on my behalf. You will keep thirty percent for your help. Please send me your full name, telephone number and bank account as soon as possible so that my lawyer can prepare the papers. God bless you.\n\n${r.id} ${r.id.slice(3, 9)} ${pick(GOODS, r.number * 3)}\n`,
    }),
  },
  {
    name: 'event, Polish',
    kind: 'campaign',
    write: (r) => ({
      subject: 'Zaproszenie na konferencję',
      text: `Dzień dobry ${r.first},\n\nzapraszamy na naszą doroczną konferencję o poczcie elektronicznej, która odbędzie się w mieście ${r.city}. W programie wykłady, warsztaty i spotkania z autorami programów. Twój numer uczestnika: ${r.number}. Rejestracja trwa do końca miesiąca, a studenci wchodzą za darmo.\n\nZapisy: https://konferencja.example/r/${r.id}\nWypisz się: https://konferencja.example/w/${r.id}\n`,
    }),
  },
  {
    name: 'code to log in',
    kind: 'transactional',
    write: (r) => ({
      subject: `Your code is ${100000 + r.number}`,
      text: `Hi ${r.first},\n\nyour code is ${100000 + r.number}. It is valid for 10 minutes. Never tell it to anybody.\n\n${SYSTEM_FOOTER}\n`,
    }),
  },
  {
    name: 'password reset, same system',
    kind: 'transactional',
    write: (r) => ({
      subject: 'Reset your password',
      text: `Hi ${r.first},\n\nsomebody asked to reset the password of your account. If it was you, choose a new one here within two hours:\n\nhttps://accounts.example/reset/${r.id}\n\nIf it was not you, ignore this message; your password stays as it is.\n\n${SYSTEM_FOOTER}\n`,
    }),
  },
  {
    name: 'invoice, same system',
    kind: 'transactional',
    write: (r) => ({
      subject: `Invoice ${r.number}`,
      text: `Hi ${r.first},\n\nthank you for your order. Attached is invoice ${r.number} over ${r.number % 300}.${10 + (r.number % 89)} euros for: ${pick(GOODS, r.number)}, ${pick(GOODS, r.number * 3 + 1)}. Please pay within 14 days to the account named on it. We deliver to ${r.city}.\n\n${SYSTEM_FOOTER}\n`,
    }),
  },
  {
    name: 'parcel on its way, same system',
    kind: 'transactional',
    write: (r) => ({
      subject: `Parcel ${r.number} is on its way`,
      text: `Hi ${r.first},\n\nyour parcel left our warehouse today and should reach ${r.city} in three to five days. Follow its way with the number ${r.id}:\n\nhttps://track.example/p/${r.id}\n\n${SYSTEM_FOOTER}\n`,
    }),
  },
];

const WHO =
  'The client|Maria|Our supplier|Somebody from legal|The bank|My colleague|The landlord|A customer in Lyon|The auditor|Our printer|The new intern|Finance|The courier|The board|Their lawyer|The night shift'.split(
    '|',
  );
const DOES =
  'asked about|forgot|changed|sent back|liked|cannot open|needs|has signed|cancelled|moved|wants to see|found an error in|will pay for|lost|has not answered about|translated'.split(
    '|',
  );
const WHAT =
  'the second invoice|the blue draft|our slides|the contract with Ghent|both meetings|the delivery to Osaka|the keys of the cellar|that spreadsheet|the travel plan|the holiday list|the broken chair|two of the boxes|the quarterly figures|the photo for the website|the password of the projector|the parking space'.split(
    '|',
  );
const WHEN =
  'before lunch|since Monday|on the way home|without telling me|again|until the end of May|in Spanish|as we feared|for the third time|after the call|at short notice|in the shared folder|during the fair|by mistake|this morning|for next year'.split(
    '|',
  );

/** People of one company: no two mails alike, but all with the same disclaimer under them. */
export function personal(number: number): { readonly subject: string; readonly text: string } {
  const chance = createHash('sha256').update(`personal ${number}`).digest();
  const sentence = (from: number): string =>
    [WHO, DOES, WHAT, WHEN].map((words, slot) => pick(words, chance[from + slot] ?? 0)).join(' ');
  return {
    subject: pick(WHAT, chance[20] ?? 0),
    text: `Hi ${reader(number).first},\n\n${sentence(0)}. ${sentence(4)}, and ${sentence(8)}.\n\nBest\n${pick(FIRST, chance[21] ?? 0)}\n\n${DISCLAIMER}\n`,
  };
}

/** The octets of a message, with a boundary of its own. */
export function toMail(
  { subject, text, html }: ReturnType<Template['write']>,
  { address, first, last, id, number }: Reader,
): Buffer {
  const to =
    number % 3 === 0 ? address : `=?utf-8?B?${Buffer.from(`${first} ${last}`).toString('base64')}?= <${address}>`;
  const header = `From: Shop <news@shop.example>\r\nTo: ${to}\r\nSubject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=\r\nMessage-ID: <${id}@shop.example>\r\nMIME-Version: 1.0\r\n`;
  const part = (type: string, content: string): string =>
    `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${(
      Buffer.from(content)
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\r\n')}\r\n`;
  if (html === undefined) return Buffer.from(header + part('text/plain', text ?? ''));
  if (text === undefined) return Buffer.from(header + part('text/html', html));
  return Buffer.from(
    `${header}Content-Type: multipart/alternative; boundary="${id}"\r\n\r\n--${id}\r\n${part('text/plain', text)}--${id}\r\n${part('text/html', html)}--${id}--\r\n`,
  );
}
