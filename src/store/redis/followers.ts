import type { Keys } from './keys.js';
import type { Link } from './link.js';

/** Who follows which source, and how far it came. */
export class Followers {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  async take(source: string, holder: string, ttlMs: number): Promise<{ readonly position: string | null } | null> {
    const args = [this.link.clock(), holder, ttlMs];
    const reply = await this.link.script('takeTurn', 'take-turn', [this.keys.follower(source)], args);
    if (reply === null) return null;
    const [position] = reply as [string];
    return { position: position === '' ? null : position };
  }

  async keep(source: string, holder: string, position: string): Promise<boolean> {
    const key = this.keys.follower(source);
    return (await this.link.script('keepPosition', 'keep-position', [key], [holder, position])) === 1;
  }

  async end(source: string, holder: string): Promise<void> {
    await this.link.script('endTurn', 'end-turn', [this.keys.follower(source)], [holder]);
  }
}
