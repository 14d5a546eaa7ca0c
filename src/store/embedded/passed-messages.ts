import type { PassedMessage, RememberedMessage } from '../contract.js';
import { MOST_NAMESAKES, namesIn } from '../reported-message.js';
import type { Database, Statement } from './database.js';

interface Row {
  readonly id: string;
  readonly at: number;
  readonly body: string;
}

/** Messages that the relay took, and the names that reports may call them by. */
export class PassedMessages {
  readonly #put: Statement<[string, number, string, number], never>;
  readonly #putName: Statement<[string, string, number, number], never>;
  readonly #find: Statement<[string, number], Row>;
  readonly #named: Statement<[string, number, number], Row>;

  constructor(database: Database) {
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO passed_messages (id, at, body, expires_at) VALUES (?, ?, ?, ?)',
    );
    this.#putName = database.prepare(
      'INSERT OR REPLACE INTO message_names (name, message, at, expires_at) VALUES (?, ?, ?, ?)',
    );
    this.#find = database.prepare('SELECT id, at, body FROM passed_messages WHERE id = ? AND expires_at > ?');
    this.#named = database.prepare(
      `SELECT m.id, m.at, m.body FROM message_names n JOIN passed_messages m ON m.id = n.message
       WHERE n.name = ? AND m.expires_at > ? ORDER BY n.at DESC LIMIT ?`,
    );
  }

  put(message: PassedMessage, windowMs: number, now: number): void {
    const { id, queueId, envid, messageId, ...body } = message;
    const ends = now + windowMs;
    this.#put.run(id, now, JSON.stringify({ ...body, queueId, envid, messageId }), ends);
    const queueIds = queueId === null ? [] : [queueId];
    for (const name of namesIn({ queueIds, envid, messageId })) this.#putName.run(name, id, now, ends);
  }

  /** The relay calls it that too, after a content filter. */
  addName(name: string, message: RememberedMessage, windowMs: number): void {
    this.#putName.run(name, message.id, message.at, message.at + windowMs);
  }

  of(id: string, now: number): RememberedMessage | null {
    const row = this.#find.get(id, now);
    return row === undefined ? null : fromRow(row);
  }

  named(name: string, now: number): RememberedMessage[] {
    return this.#named.all(name, now, MOST_NAMESAKES).map(fromRow);
  }
}

function fromRow({ id, at, body }: Row): RememberedMessage {
  return { ...(JSON.parse(body) as Omit<RememberedMessage, 'id' | 'at'>), id, at };
}
