/**
 * What large mailbox providers ask of bulk senders, as far as a message and
 * the complaints about its account show it. `sources` are the providers' own pages, which change: look there before
 * relying on a row. `since` is when the provider began to ask.
 */

export type Requirement =
  | 'one-click'
  | 'signed-unsubscribe'
  | 'visible-unsubscribe'
  | 'dkim'
  | 'aligned'
  | 'well-formed';

export interface Provider {
  readonly id: 'gmail' | 'yahoo' | 'microsoft';
  readonly name: string;
  /** Domains of its mailboxes. Customers' own domains that it hosts are not known from here. */
  readonly domains: readonly string[];
  /** The share of recipients that complain, 0 to 1, must stay below; null: it names no number. */
  readonly complaints: { readonly below: number; readonly since: string } | null;
  readonly requirements: readonly { readonly requirement: Requirement; readonly since: string }[];
  readonly sources: readonly string[];
}

export const PROVIDERS: readonly Provider[] = [
  {
    id: 'gmail',
    name: 'Gmail',
    domains: ['gmail.com', 'googlemail.com'],
    requirements: [
      { requirement: 'dkim', since: '2024-02-01' },
      { requirement: 'aligned', since: '2024-02-01' },
      { requirement: 'well-formed', since: '2024-02-01' },
      { requirement: 'visible-unsubscribe', since: '2024-02-01' },
      { requirement: 'one-click', since: '2024-06-01' },
      { requirement: 'signed-unsubscribe', since: '2024-06-01' },
    ],
    // "Below 0.1 %, and never 0.3 %": answer 81126, section on spam rates.
    complaints: { below: 0.003, since: '2024-02-01' },
    sources: ['https://support.google.com/a/answer/81126', 'https://support.google.com/a/answer/14229414'],
  },
  {
    id: 'yahoo',
    name: 'Yahoo',
    domains: [
      ...['yahoo.com', 'ymail.com', 'rocketmail.com', 'myyahoo.com', 'aol.com', 'aim.com', 'verizon.net'],
      ...['yahoo.co.uk', 'yahoo.fr', 'yahoo.de', 'yahoo.it', 'yahoo.es', 'yahoo.ca', 'yahoo.com.br', 'yahoo.co.in'],
    ],
    requirements: [
      { requirement: 'dkim', since: '2024-02-01' },
      { requirement: 'aligned', since: '2024-02-01' },
      { requirement: 'well-formed', since: '2024-02-01' },
      { requirement: 'one-click', since: '2024-06-01' },
      { requirement: 'visible-unsubscribe', since: '2024-02-01' },
    ],
    complaints: { below: 0.003, since: '2024-02-01' },
    sources: ['https://senders.yahooinc.com/best-practices/', 'https://senders.yahooinc.com/faqs/'],
  },
  {
    id: 'microsoft',
    name: 'Outlook.com',
    domains: ['outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'hotmail.co.uk', 'hotmail.fr', 'outlook.de'],
    requirements: [
      { requirement: 'dkim', since: '2025-05-05' },
      { requirement: 'aligned', since: '2025-05-05' },
      { requirement: 'well-formed', since: '2025-05-05' },
    ],
    complaints: null,
    sources: [
      'https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/strengthening-email-ecosystem-outlook%E2%80%99s-new-requirements-for-high%E2%80%90volume-senders/4399730',
    ],
  },
];
