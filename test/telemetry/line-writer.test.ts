import { execFile, execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, read, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { LineWriter } from '../../src/telemetry/line-writer.js';

const PIPE_OCTETS = 64 * 1024;
const line = (n: number): string => `{"line":${n},"text":"${'ü'.repeat(200)}"}\n`;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const flushed = (writer: LineWriter): Promise<void> => new Promise((resolve) => writer.flush(resolve));

/** A pipe that can be written and read by the same descriptor. */
function pipe(t: Test, flags: number): number {
  const path = join(t.testdir(), 'pipe');
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | flags);
  t.teardown(() => closeSync(fd));
  return fd;
}

/** Reads until this many lines came. */
async function readLines(fd: number, count: number): Promise<readonly string[]> {
  const chunks: Buffer[] = [];
  for (let seen = 0; seen < count; await turn()) {
    const chunk = await readSome(fd);
    chunks.push(chunk);
    seen += chunk.filter((octet) => octet === 0x0a).length;
  }
  const text = Buffer.concat(chunks).toString();
  return text.split(/(?<=\n)/);
}

/** In another thread, since the pipe may be empty until the writer's next turn. */
function readSome(fd: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    read(fd, Buffer.alloc(PIPE_OCTETS), 0, PIPE_OCTETS, null, (error, count, chunk) => {
      if (error === null || error.code === 'EAGAIN') resolve(chunk.subarray(0, count ?? 0));
      else reject(error);
    });
  });
}

t.test('lines come whole and in order, those of one turn and those of many', async (t) => {
  const path = join(t.testdir(), 'log');
  const fd = openSync(path, 'w');
  t.teardown(() => closeSync(fd));
  const writer = new LineWriter(fd);
  const lines = Array.from({ length: 1_000 }, (_, n) => line(n));
  for (const [n, one] of lines.entries()) {
    writer.write(one);
    if (n % 7 === 0 || n > 900) await turn();
  }
  await flushed(writer);
  t.same(readFileSync(path, 'utf8'), lines.join(''));
  const long = `${'x'.repeat(100_000)}\n`;
  for (const one of ['a\n', long, 'b\n', long, long]) writer.write(one);
  await flushed(writer);
  t.ok(readFileSync(path, 'utf8').endsWith(`a\n${long}b\n${long}${long}`), 'lines longer than one write too');
  await t.resolves(flushed(writer), 'nothing is left to write');
});

t.test('a file has the lines of a turn when the turn is over', async (t) => {
  const path = join(t.testdir(), 'log');
  const fd = openSync(path, 'w');
  t.teardown(() => closeSync(fd));
  const writer = new LineWriter(fd);
  writer.write('a\n');
  writer.write('b\n');
  await turn();
  t.equal(readFileSync(path, 'utf8'), 'a\nb\n');
});

t.test('nobody waits for who reads, and a full pipe that does not block is tried again', async (t) => {
  const lines = Array.from({ length: 1_000 }, (_, n) => line(n));
  t.ok(lines.join('').length > PIPE_OCTETS);
  for (const flags of [0, constants.O_NONBLOCK]) {
    const fd = pipe(t, flags);
    const writer = new LineWriter(fd);
    for (const one of lines) writer.write(one);
    for (let turns = 0; turns < 100; turns += 1) await turn();
    t.same(await readLines(fd, lines.length), lines);
    await flushed(writer);
  }
});

t.test('what is too much is thrown away, line by line', async (t) => {
  const path = join(t.testdir(), 'log');
  const fd = openSync(path, 'w');
  t.teardown(() => closeSync(fd));
  const writer = new LineWriter(fd);
  const text = `${'x'.repeat(1_000_000)}\n`;
  for (let n = 0; n < 40; n += 1) writer.write(text);
  await flushed(writer);
  t.equal(readFileSync(path, 'utf8'), text.repeat(16));
  writer.write('again\n');
  await flushed(writer);
  t.ok(readFileSync(path, 'utf8').endsWith('x\nagain\n'));
});

t.test('what cannot be written is lost, and nothing else', async (t) => {
  const path = join(t.testdir({ log: '' }), 'log');
  const fd = openSync(path, 'r');
  t.teardown(() => closeSync(fd));
  const writer = new LineWriter(fd);
  writer.write('a\n');
  await t.resolves(flushed(writer));
  writer.write('b\n');
  await t.resolves(flushed(writer));
});

t.test('a process that ends leaves its last lines', async (t) => {
  const program = new URL('../../src/telemetry/line-writer.js', import.meta.url);
  const script = `import { LineWriter } from ${JSON.stringify(program.href)};
    const writer = new LineWriter(1);
    writer.write('last\\n');
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  t.equal(stdout, 'last\n');
});
