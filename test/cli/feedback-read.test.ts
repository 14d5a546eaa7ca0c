/** `sluice feedback read` on files, folders, a Maildir, an mbox and standard input: no config, no store. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { inProcess } from './in-process.js';

const BOUNCE = new URL('../feedback/corpus/bounces/postfix/01-unknown.eml', import.meta.url).pathname;
const REMOVE = new URL('../feedback/corpus/revocations/subjects/01-english.eml', import.meta.url).pathname;

interface Line {
  readonly file: string;
  readonly kind: string;
  readonly outcomes: readonly { readonly recipient: string }[];
}

function linesOf(stdout: string): Line[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

const folder = await mkdtemp(join(tmpdir(), 'sluice-feedback-read-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

t.test('one line a file, in the documented form', async (t) => {
  const { run } = await inProcess(t);
  const { code, stdout } = await run(['feedback', 'read', BOUNCE, '--json']);
  t.equal(code, 0);
  t.same(JSON.parse(stdout), {
    file: BOUNCE,
    kind: 'dsn',
    outcomes: [
      {
        recipient: 'anna.unknown@postfix.example',
        originalRecipient: 'anna.unknown@postfix.example',
        action: 'failed',
        status: '5.1.1',
        diagnostic: '550 5.1.1 <anna.unknown@postfix.example>: there is no such user here',
        remoteMta: 'mx.dest.example',
        class: 'unknown',
        permanent: true,
      },
    ],
    message: { messageId: '<m0001.autumn@acme.example>', envid: null, queueId: '4Xb7Zq' },
  });
});

t.test('folders, Maildirs and mboxes', async (t) => {
  const { run } = await inProcess(t);
  const bounce = await readFile(BOUNCE, 'utf8');
  const remove = await readFile(REMOVE, 'utf8');
  await mkdir(join(folder, 'plain', 'inner'), { recursive: true });
  await writeFile(join(folder, 'plain', 'a.eml'), bounce);
  await writeFile(join(folder, 'plain', 'inner', 'b.eml'), remove);
  for (const name of ['cur', 'new', 'tmp']) await mkdir(join(folder, 'maildir', name), { recursive: true });
  await writeFile(join(folder, 'maildir', 'cur', '1.host:2,S'), bounce);
  await writeFile(join(folder, 'maildir', 'tmp', '2.host'), remove);
  const separator = 'From MAILER-DAEMON Mon Nov  2 09:02:00 2026\n';
  await writeFile(join(folder, 'mbox'), `${separator}${bounce}\n${separator}${remove}\nFrom here on it is text.\n`);
  await writeFile(join(folder, 'single'), `${separator}${bounce}`);

  const { stdout } = await run([
    'feedback',
    'read',
    '--json',
    ...['plain', 'maildir', 'mbox', 'single'].map((name) => join(folder, name)),
  ]);
  t.same(
    linesOf(stdout).map(({ file, kind }) => [file.slice(folder.length + 1), kind]),
    [
      ['plain/a.eml', 'dsn'],
      ['plain/inner/b.eml', 'revocation'],
      ['maildir/cur/1.host:2,S', 'dsn'],
      ['mbox#1', 'dsn'],
      ['mbox#2', 'revocation'],
      ['single', 'dsn'],
    ],
  );
});

t.test('standard input, one message or an mbox', async (t) => {
  const { run } = await inProcess(t);
  const bounce = await readFile(BOUNCE, 'utf8');
  const one = await run(['feedback', 'read', '-', '--json'], bounce);
  t.same(
    linesOf(one.stdout).map(({ file, kind }) => [file, kind]),
    [['-', 'dsn']],
  );
  const mbox = `From a Mon Nov  2 09:02:00 2026\n${bounce}\n`.repeat(3);
  const three = await run(['feedback', 'read', '-', '--json'], mbox);
  t.same(
    linesOf(three.stdout).map(({ file }) => file),
    ['-#1', '-#2', '-#3'],
  );
  const none = await run(['feedback', 'read', '-', '--json'], '');
  t.same(
    linesOf(none.stdout).map(({ kind }) => kind),
    ['none'],
  );
});

t.test('for people; and a file that is not there does not stop the others', async (t) => {
  const { run } = await inProcess(t);
  const { code, stdout, stderr } = await run(['feedback', 'read', join(folder, 'nothing'), BOUNCE]);
  t.equal(code, 3);
  t.match(stderr, /nothing: ENOENT/);
  t.match(stdout, /dsn failed 5\.1\.1 unknown permanent anna\.unknown@postfix\.example 550/);
});
