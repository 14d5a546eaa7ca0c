/** What a person at a terminal sees: `script` gives the commands a real one. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import t, { type Test } from 'tap';
import { verifyPassword } from '../../src/account/password.js';
import { readUsersFile } from '../../src/account/users-file.js';
import { NODE, PROGRAM } from '../support/program.js';
import { type Sluice, startSluice } from './sluice.js';

const CTRL_C = '\x03';
const CTRL_D = '\x04';

interface Seen {
  readonly code: number | null;
  readonly screen: string;
}

interface Asked {
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What the person types when the question is on the screen. */
  readonly answers?: readonly (readonly [question: string, typed: string])[];
}

async function atTerminal(t: Test, { folder }: Sluice, command: string, asked: Asked = {}): Promise<Seen> {
  const sluice = `${['env', ...NODE, ...PROGRAM].join(' ')} ${command}`;
  const child = spawn('script', ['-qec', `stty cols ${asked.columns ?? 80}; exec ${sluice}`, '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, TERM: 'xterm', SHELL: '/bin/sh', ...asked.env },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let screen = '';
  let looked = 0;
  const answers = [...(asked.answers ?? [])];
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const next = answers[0];
    if (next === undefined || !screen.slice(looked).includes(next[0])) return;
    looked = screen.length;
    answers.shift();
    child.stdin.write(next[1]);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, screen };
}

const linesOf = (screen: string) => stripVTControlCharacters(screen).split(/\r?\n/);

t.test('bars take what the columns leave, and no line is longer than the terminal', async (t) => {
  const sluice = await startSluice(t);
  const wide = await atTerminal(t, sluice, 'usage acme', { columns: 120 });
  t.match(wide.screen, /\[-{20}\]/);
  t.match(wide.screen, '\x1b[3', 'colours');
  const usual = await atTerminal(t, sluice, 'usage acme', { columns: 80 });
  t.match(usual.screen, /\[-{5,19}\]/);
  t.ok(linesOf(usual.screen).every((line) => line.length <= 80));
  const narrow = await atTerminal(t, sluice, 'usage acme', { columns: 40 });
  t.notMatch(narrow.screen, /\[-/);
});

t.test('NO_COLOR leaves the letters', async (t) => {
  const sluice = await startSluice(t);
  const { screen } = await atTerminal(t, sluice, 'usage acme', { env: { NO_COLOR: '1' } });
  t.match(screen, 'volume.recipients');
  t.notMatch(screen, '\x1b[');
});

t.test('long texts are broken between words', async (t) => {
  const sluice = await startSluice(t);
  const { screen } = await atTerminal(t, sluice, 'rules', { columns: 100 });
  const lines = linesOf(screen);
  t.ok(lines.every((line) => line.length <= 100));
  t.ok(lines.some((line) => /^ {40,}\S/.test(line)));
});

t.test('a password is asked for twice and seen nowhere', async (t) => {
  const sluice = await startSluice(t);
  const { code, screen } = await atTerminal(t, sluice, 'account passwd anna --account acme', {
    answers: [
      ['Password for anna: ', 'sécret word\r'],
      ['Once more: ', 'sécret word\r'],
    ],
  });
  t.equal(code, 0);
  t.notMatch(screen, 'cret');
  const hash = readUsersFile(join(sluice.folder, 'users')).get('anna')?.hash ?? '';
  t.equal(await verifyPassword('sécret word', hash), true);
});

t.test('a password that is typed differently, or not at all, changes nothing', async (t) => {
  const sluice = await startSluice(t);
  const answer = (...typed: readonly string[]) =>
    atTerminal(t, sluice, 'account passwd anna', {
      answers: typed.map((text, i) => [i === 0 ? 'Password for anna: ' : 'Once more: ', text] as const),
    });
  const different = await answer('one\r', 'two\r');
  t.equal(different.code, 2);
  t.match(different.screen, 'nothing is changed');
  for (const key of [CTRL_C, CTRL_D]) {
    const stopped = await answer(key);
    t.equal(stopped.code, 130);
    t.match(stopped.screen, 'sluice: interrupted');
    t.notMatch(stopped.screen, 'bug');
  }
  t.equal(readUsersFile(join(sluice.folder, 'users')).size, 0);
});
