/** A log that is followed: what is written is read once, in order, whatever becomes of the file. */

import { appendFile, copyFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { LogFile } from '../../../src/feedback/relay-log/log-file.js';

/** Reads in the background; `until` waits for a line. */
class Reader {
  readonly lines: string[] = [];
  readonly gaps: string[] = [];
  position: string | null = null;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #look: () => void = () => {};

  constructor(path: string, from: string | null) {
    const file = new LogFile(path, (why) => this.gaps.push(why), { pollMs: 10, quietMs: 50 });
    this.position = from;
    this.#done = this.#read(file, from);
  }

  async until(what: string, fits: () => boolean): Promise<void> {
    const late = AbortSignal.timeout(20_000);
    while (!fits()) {
      if (late.aborted) throw new Error(`waited for ${what}, read ${JSON.stringify(this.lines)}`);
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  line(text: string): Promise<void> {
    return this.until(text, () => this.lines.includes(text));
  }

  async stop(): Promise<string> {
    this.#stop.abort();
    await this.#done;
    return this.position ?? '';
  }

  async #read(file: LogFile, from: string | null): Promise<void> {
    for await (const { lines, position } of file.batches(from, this.#stop.signal)) {
      this.lines.push(...lines);
      this.position = position;
      this.#look();
    }
  }
}

async function folderOf(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

async function begin(t: Test, before = 'before\n'): Promise<{ log: string; reader: Reader }> {
  const log = join(await folderOf(t), 'mail.log');
  await writeFile(log, before);
  const reader = new Reader(log, null);
  t.teardown(() => reader.stop());
  await reader.until('its place', () => reader.position !== null);
  return { log, reader };
}

t.test('from now on, whole lines, in order', async (t) => {
  const { log, reader } = await begin(t);
  await appendFile(log, 'one\ntw');
  await reader.line('one');
  await appendFile(log, 'o\r\nthree\n');
  await reader.line('three');
  t.same(reader.lines, ['one', 'two', 'three']);
});

t.test('renamed and begun anew, the old one written to for a while', async (t) => {
  const { log, reader } = await begin(t);
  await appendFile(log, 'one\n');
  await rename(log, `${log}.1`);
  await appendFile(`${log}.1`, 'late\n');
  await writeFile(log, 'new\n');
  await reader.line('new');
  t.same(reader.lines, ['one', 'late', 'new']);
  await rename(log, `${log}.2`);
  await writeFile(log, 'newer\n');
  await reader.line('newer');
  t.same(reader.lines, ['one', 'late', 'new', 'newer']);
  t.same(reader.gaps, []);
});

t.test('copied and truncated', async (t) => {
  const { log, reader } = await begin(t);
  await appendFile(log, 'one\n');
  await reader.line('one');
  await copyFile(log, `${log}.1`);
  await appendFile(`${log}.1`, 'seen only in the copy\n');
  await truncate(log);
  await reader.line('seen only in the copy');
  await appendFile(log, 'after\n');
  await reader.line('after');
  t.same(reader.lines, ['one', 'seen only in the copy', 'after']);
});

t.test('stopped and begun again: nothing is lost, nothing comes twice', async (t) => {
  const { log, reader } = await begin(t);
  await appendFile(log, 'one\nhalf');
  await reader.line('one');
  const position = await reader.stop();
  await appendFile(log, ' a line\ntwo\n');

  const plain = new Reader(log, position);
  await plain.line('two');
  t.same(plain.lines, ['half a line', 'two']);
  await plain.stop();

  await rename(log, `${log}-20261126`);
  await writeFile(log, 'three\n');
  const renamed = new Reader(log, position);
  await renamed.line('three');
  t.same(renamed.lines, ['half a line', 'two', 'three'], 'renamed while nobody read');
  await renamed.stop();

  await rename(log, `${log}-20261127`);
  await writeFile(log, 'four\n');
  const twice = new Reader(log, position);
  await twice.line('four');
  t.same(twice.lines, ['half a line', 'two', 'three', 'four'], 'twice');
  await twice.stop();

  await rm(`${log}-20261126`);
  const lost = new Reader(log, position);
  await lost.line('four');
  t.same(lost.gaps.length, 1, 'what is gone is said');
  await lost.stop();
});

t.test('truncated and copied while nobody read', async (t) => {
  const { log, reader } = await begin(t, 'a first line that tells the file from others\n');
  await appendFile(log, 'one\n');
  await reader.line('one');
  const position = await reader.stop();
  await appendFile(log, 'two\n');
  await copyFile(log, `${log}.1`);
  await truncate(log);
  await appendFile(log, `three\n${'long\n'.repeat(100)}`);
  const again = new Reader(log, position);
  await again.until('all', () => again.lines.length === 102);
  t.same(again.lines.slice(0, 3), ['two', 'three', 'long']);
  await again.stop();
});

t.test('a file that is not there yet, and lines without an end', async (t) => {
  const log = join(await folderOf(t), 'mail.log');
  const reader = new Reader(log, null);
  t.teardown(() => reader.stop());
  await writeFile(log, `first\n${'x'.repeat(600_000)}`);
  await reader.line('first');
  await appendFile(log, 'y\nsecond\n');
  await reader.line('second');
  t.same(reader.lines, ['first', 'second'], 'an endless line is passed over');
});

t.test('history: what was read before, also of the file before', async (t) => {
  const { log, reader } = await begin(t, '');
  await writeFile(`${log}.1`, 'oldest\n');
  await appendFile(log, 'one\ntwo\n');
  await reader.line('two');
  const position = await reader.stop();
  await appendFile(log, 'three\n');
  const lines: string[] = [];
  const file = new LogFile(log, () => {});
  for await (const part of file.history(position)) lines.push(...part);
  t.same(lines, ['oldest', 'one', 'two']);
  for await (const _ of file.history('no position')) t.fail('a position that is none has no history');
});
