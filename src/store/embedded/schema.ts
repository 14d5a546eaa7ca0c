/**
 * What the embedded store keeps. Times are ms since the epoch. An account of ''
 * stands for all accounts. Every table that can grow has an index on the time
 * when its rows may go, for `sweep.ts`.
 */
export const SCHEMA = `
-- Charges: one row for each sub-interval of a window (see window.ts).
CREATE TABLE slots (
  subject TEXT NOT NULL,
  resource TEXT NOT NULL,
  per_ms INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  leaves_at INTEGER NOT NULL,
  PRIMARY KEY (subject, resource, per_ms, slot)
) WITHOUT ROWID, STRICT;
CREATE INDEX slots_by_end ON slots (leaves_at);

CREATE TABLE leases (
  lease TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX leases_by_end ON leases (expires_at);

CREATE TABLE holds (
  subject TEXT NOT NULL,
  resource TEXT NOT NULL,
  lease TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (subject, resource, lease)
) WITHOUT ROWID, STRICT;
CREATE INDEX holds_by_lease ON holds (lease);

CREATE TABLE sessions (
  subject TEXT NOT NULL,
  session TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (subject, session)
) WITHOUT ROWID, STRICT;
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE accounts (
  account TEXT PRIMARY KEY,
  standing TEXT NOT NULL DEFAULT 'good',
  reason TEXT,
  changed_by TEXT,
  changed_at INTEGER,
  until INTEGER,
  first_accepted_at INTEGER
) WITHOUT ROWID, STRICT;

CREATE TABLE credentials (
  username TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  hash TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE suppressions (
  key TEXT NOT NULL,
  account TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_whom TEXT NOT NULL,
  note TEXT NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (key, account)
) WITHOUT ROWID, STRICT;
CREATE INDEX suppressions_by_account ON suppressions (account, key);
CREATE INDEX suppressions_by_end ON suppressions (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE revocations (
  key TEXT NOT NULL,
  account TEXT NOT NULL,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (key, account)
) WITHOUT ROWID, STRICT;

-- A streak with a count of 0 has ended, at ended_at; if a delivery ended it, latest_status
-- says what it was before, as JSON.
CREATE TABLE streaks (
  key TEXT NOT NULL,
  account TEXT NOT NULL,
  count INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  latest_at INTEGER NOT NULL,
  latest_status TEXT NOT NULL,
  ended_at INTEGER,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (key, account)
) WITHOUT ROWID, STRICT;
CREATE INDEX streaks_by_end ON streaks (expires_at);

-- Which messages' outcomes were reported, so that each counts once.
CREATE TABLE outcomes (
  key TEXT NOT NULL,
  account TEXT NOT NULL,
  message TEXT NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  presumed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (key, account, message)
) WITHOUT ROWID, STRICT;
CREATE INDEX outcomes_by_end ON outcomes (expires_at);

-- AUTOINCREMENT: a position that somebody follows from is never given again.
CREATE TABLE decisions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  account TEXT,
  verdict TEXT NOT NULL,
  rules TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_by_account ON decisions (account, seq);
CREATE INDEX decisions_by_objection ON decisions (verdict, seq) WHERE verdict <> 'pass';
CREATE TABLE decision_rules (
  rule TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (rule, seq)
) WITHOUT ROWID, STRICT;
`;

/** What came after the first layout; created wherever it is missing, since an older Sluice takes no notice of it. */
export const ADDED_TABLES = `
CREATE INDEX IF NOT EXISTS decisions_by_id ON decisions (id);
-- account, id '*': what was decided about all campaigns of the account.
CREATE TABLE IF NOT EXISTS campaigns (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  by_whom TEXT,
  decided_at INTEGER,
  note TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  latest_at INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  subject TEXT NOT NULL,
  sender TEXT NOT NULL,
  signature TEXT NOT NULL,
  kept INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (account, id)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS campaigns_by_end ON campaigns (expires_at);
CREATE INDEX IF NOT EXISTS campaigns_by_latest ON campaigns (account, kept, latest_at);
CREATE TABLE IF NOT EXISTS campaign_marks (
  account TEXT NOT NULL,
  mark TEXT NOT NULL,
  id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (account, mark)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS campaign_marks_by_end ON campaign_marks (expires_at);
CREATE INDEX IF NOT EXISTS campaign_marks_by_campaign ON campaign_marks (account, id);
CREATE TABLE IF NOT EXISTS campaign_recipients (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (account, id, recipient)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS campaign_recipients_by_time ON campaign_recipients (account, id, at);
CREATE INDEX IF NOT EXISTS campaign_recipients_by_end ON campaign_recipients (expires_at);

CREATE TABLE IF NOT EXISTS registered_domains (
  account TEXT NOT NULL,
  domain TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (account, domain)
) WITHOUT ROWID, STRICT;

CREATE TABLE IF NOT EXISTS consents (
  key TEXT NOT NULL,
  account TEXT NOT NULL,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  evidence TEXT NOT NULL,
  PRIMARY KEY (account, key)
) WITHOUT ROWID, STRICT;

-- Revocations of one list each; those of all mail of an account are in revocations.
CREATE TABLE IF NOT EXISTS list_revocations (
  key TEXT NOT NULL,
  account TEXT NOT NULL,
  list TEXT NOT NULL,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (key, account, list)
) WITHOUT ROWID, STRICT;

-- The same of one stream of campaigns each.
CREATE TABLE IF NOT EXISTS stream_revocations (
  key TEXT NOT NULL,
  account TEXT NOT NULL,
  stream TEXT NOT NULL,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (key, account, stream)
) WITHOUT ROWID, STRICT;

-- Cases of the desk; body is JSON.
CREATE TABLE IF NOT EXISTS audits (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  undecided INTEGER NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS audits_by_account ON audits (account, id);

-- Notices that accounts are to be told: what waits, what was queued lately, and
-- when each account may be told again.
CREATE TABLE IF NOT EXISTS notices (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS notices_by_queue ON notices (channel, account, seq);
CREATE INDEX IF NOT EXISTS notices_by_key ON notices (channel, account, key);
CREATE TABLE IF NOT EXISTS notice_keys (
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (channel, account, key)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS notice_keys_by_end ON notice_keys (expires_at);
CREATE TABLE IF NOT EXISTS notice_turns (
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  PRIMARY KEY (channel, account)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS notice_turns_by_due ON notice_turns (due_at);

-- Messages that the relay took; what else is known of each is JSON in body.
CREATE TABLE IF NOT EXISTS passed_messages (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  body TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS passed_messages_by_end ON passed_messages (expires_at);
CREATE TABLE IF NOT EXISTS message_names (
  name TEXT NOT NULL,
  message TEXT NOT NULL,
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (name, message)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS message_names_by_end ON message_names (expires_at);

-- What was reported of each recipient of a message, so that each fact counts once.
CREATE TABLE IF NOT EXISTS facts (
  message TEXT NOT NULL,
  field TEXT NOT NULL,
  rank INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (message, field)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS facts_by_end ON facts (expires_at);
CREATE TABLE IF NOT EXISTS counted_outcomes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  message TEXT NOT NULL,
  kind TEXT NOT NULL,
  fault TEXT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT NOT NULL,
  source TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS counted_outcomes_by_account ON counted_outcomes (account, seq);
CREATE INDEX IF NOT EXISTS counted_outcomes_by_key ON counted_outcomes (key, seq);
CREATE TABLE IF NOT EXISTS unmatched_reports (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS unmatched_reports_by_source ON unmatched_reports (source, seq);
CREATE TABLE IF NOT EXISTS unmatched_counts (
  source TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE IF NOT EXISTS reputation_counts (
  account TEXT NOT NULL,
  slot INTEGER NOT NULL,
  mailed INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  refused_for_us INTEGER NOT NULL,
  complained INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (account, slot)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS reputation_counts_by_end ON reputation_counts (expires_at);
CREATE TABLE IF NOT EXISTS reputation_levels (
  account TEXT NOT NULL,
  measure TEXT NOT NULL,
  level TEXT NOT NULL,
  PRIMARY KEY (account, measure)
) WITHOUT ROWID, STRICT;

-- Who follows a log, until when it is theirs, and how far it was read.
CREATE TABLE IF NOT EXISTS followers (
  source TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until INTEGER NOT NULL,
  position TEXT
) WITHOUT ROWID, STRICT;
`;

/** Marks the file as a store of Sluice ("SLUI"), in SQLite's `application_id`. */
export const APPLICATION_ID = 0x534c5549;
