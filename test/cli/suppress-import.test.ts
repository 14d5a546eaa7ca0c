import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { inProcess } from './in-process.js';
import { type Sluice, startSluice } from './sluice.js';

const ROWS = 20_000;
/** Every thousandth row is bad, each in one of these ways. */
const BAD = ['no address', 'a@b.example,acme,whim', 'a@b.example,acme,manual,yesterday', '"a@b.example,acme'];

/** Lines of a file with bad rows in it, and where they are. */
function bigFile(): { readonly text: string; readonly badLines: readonly number[] } {
  const lines = ['address,account,reason,at'];
  const badLines: number[] = [];
  for (let i = 0; i < ROWS; i += 1) {
    if (i % 1_000 === 500) {
      lines.push(BAD[(i / 1_000 - 0.5) % BAD.length] ?? '');
      badLines.push(lines.length);
    } else lines.push(`User${i}@Example.org,acme,unsubscribed,2026-01-02T03:04:05Z`);
  }
  return { text: `${lines.join('\r\n')}\r\n`, badLines };
}

async function exported(sluice: Sluice): Promise<readonly string[]> {
  const { code, stdout } = await sluice.run(['suppress', 'export']);
  if (code !== 0) throw new Error(`export ended with ${code}`);
  return stdout.trimEnd().split('\n').slice(1);
}

const hashOf = (lines: readonly string[]) =>
  createHash('sha256')
    .update([...lines].sort().join('\n'))
    .digest('hex');

t.test('refuse: bad rows are told by line, and nothing is written', async (t) => {
  const sluice = await inProcess(t);
  const { text, badLines } = bigFile();
  await sluice.write('list.csv', text);
  const { code, answer } = await sluice.ask(['suppress', 'import', 'list.csv']);
  t.equal(code, 6);
  t.match(answer, { imported: 0, bad: badLines.length, refused: true });
  const { badRows } = answer as { badRows: { line: number; problem: string }[] };
  t.same(
    badRows.map(({ line }) => line),
    badLines,
  );
  t.match(badRows[0]?.problem, /not an address/);
  t.match(badRows[1]?.problem, /reason "whim"/);
  t.match(badRows[2]?.problem, /not a time: "yesterday"/);
  t.match(badRows[3]?.problem, /quote/);
  t.same(await exported(sluice), []);
});

t.test('skip: the good rows go in; a file that was exported comes back the same', async (t) => {
  const sluice = await inProcess(t);
  const { text, badLines } = bigFile();
  await sluice.write('list.csv', text);
  const { code, answer } = await sluice.ask(['suppress', 'import', 'list.csv', '--bad-rows', 'skip', '--by', 'olga']);
  t.equal(code, 6, 'done, with bad rows');
  t.match(answer, { imported: ROWS - badLines.length, bad: badLines.length, refused: false });
  const before = await exported(sluice);
  t.equal(before.length, ROWS - badLines.length);
  t.ok(before.includes('user7@example.org,acme,unsubscribed,2026-01-02T03:04:05.000Z,olga,,'));

  const other = await inProcess(t);
  await other.write('copy.csv', `address,account,reason,at,by,note,expires\n${before.join('\n')}\n`);
  t.match(await other.ask(['suppress', 'import', 'copy.csv']), {
    code: 0,
    answer: { imported: before.length, bad: 0 },
  });
  t.equal(hashOf(await exported(other)), hashOf(before));
});

t.test('killed in the middle, it goes on where it was, and its counts are right', async (t) => {
  const sluice = await inProcess(t);
  const { text, badLines } = bigFile();
  await sluice.write('list.csv', text);
  const args = ['suppress', 'import', 'list.csv', '--bad-rows', 'skip', '--resume', 'progress'];
  const kept = () => progress(t, sluice);

  const child = sluice.start(args);
  const exit = once(child, 'exit');
  const began = Date.now();
  for (let state = await kept(); (state?.imported ?? 0) < 5_000 && Date.now() - began < 20_000; state = await kept()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  child.kill('SIGKILL');
  await exit;
  const stopped = await kept();
  t.ok(
    stopped !== null && !stopped.done && stopped.imported >= 5_000 && stopped.imported < ROWS,
    `stopped at ${stopped?.imported}`,
  );

  const { code, answer } = await sluice.ask(args);
  t.equal(code, 6, 'bad rows were left out');
  t.match(answer, { imported: ROWS - badLines.length, bad: badLines.length, resumedAt: stopped?.line });
  t.equal((await exported(sluice)).length, ROWS - badLines.length);

  const again = await sluice.ask(args);
  t.match(again.answer, { imported: ROWS - badLines.length, bad: badLines.length }, 'a finished one is not done again');
  await sluice.write('list.csv', `${text}x@example.net,,,\n`);
  t.equal((await sluice.run(args)).code, 3, 'the file has changed: its progress says nothing any more');
});

t.test('a file without the column, a missing file', async (t) => {
  const sluice = await inProcess(t);
  await sluice.write('list.csv', 'email\nbob@example.net\n');
  const headless = await sluice.run(['suppress', 'import', 'list.csv']);
  t.equal(headless.code, 6);
  t.match(headless.stderr, /line 1: .*"address"/);
  t.equal((await sluice.run(['suppress', 'import', 'nowhere.csv'])).code, 3);
});

async function progress(t: Test, sluice: Sluice) {
  const text = await readFile(join(sluice.folder, 'progress'), 'utf8').catch(() => null);
  if (text === null) return null;
  const state = JSON.parse(text) as { imported: number; line: number; done: boolean };
  if (!Number.isInteger(state.imported)) t.fail('the resume file is whole at any moment');
  return state;
}

t.test('a list comes from standard input as well; nothing of it is left behind', async (t) => {
  const sluice = await startSluice(t);
  const { text, badLines } = bigFile();
  const refused = await sluice.run(['suppress', 'import', '-'], text);
  t.equal(refused.code, 6, 'its rows can be looked at first, too');
  t.match(refused.stdout, `nothing imported: ${badLines.length} bad rows`);
  const imported = await sluice.run(['suppress', 'import', '-', '--bad-rows', 'skip'], text);
  t.match(imported.stdout, `${ROWS - badLines.length} suppressions imported`);
  t.equal((await exported(sluice)).length, ROWS - badLines.length);
  t.same((await readdir(sluice.folder)).sort(), ['sluice.yaml', 'state.db', 'users']);
  t.equal((await sluice.run(['suppress', 'import', '-', '--resume', 'progress'], text)).code, 2);
});

t.test('Ctrl-C ends an import between two batches, and says where it came to', async (t) => {
  const sluice = await startSluice(t);
  const { text, badLines } = bigFile();
  await sluice.write('list.csv', text);
  const args = ['suppress', 'import', 'list.csv', '--bad-rows', 'skip', '--resume', 'progress'];
  const child = sluice.start(args);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  // The first bad row is told soon after the first batches.
  if (child.stderr !== null) await once(child.stderr, 'data');
  child.kill('SIGINT');
  t.same(await once(child, 'close'), [130, null]);
  t.match(said, /interrupted; \d+ rows are in, up to line \d+; the same command goes on there/);
  const again = await sluice.ask(args);
  t.match(again.answer, { imported: ROWS - badLines.length, bad: badLines.length });
});
