import t from 'tap';
import { parseCommand, payloadLimit } from '../../../src/door/milter/command.js';
import { FrameReader, MalformedFrame } from '../../../src/door/milter/frame-reader.js';
import { frame, uint32 } from '../../support/milter-client.js';
import fc from '../../support/property.js';

interface Read {
  readonly frames: { readonly code: string; readonly payload: string }[];
  malformed: boolean;
}

function read(chunks: readonly Buffer[], limitOf: (code: string) => number = () => 1_000_000): Read {
  const reader = new FrameReader(limitOf);
  const kept: { code: string; payload: Buffer }[] = [];
  let malformed = false;
  try {
    for (const chunk of chunks) {
      // The reader may keep what it is given, and must not change what it handed out.
      reader.push(Buffer.from(chunk));
      for (let next = reader.next(); next !== null; next = reader.next()) kept.push(next);
    }
  } catch (error) {
    if (!(error instanceof MalformedFrame)) throw error;
    malformed = true;
  }
  return { frames: kept.map(({ code, payload }) => ({ code, payload: payload.toString('latin1') })), malformed };
}

const octets = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const frames = fc.array(fc.tuple(fc.constantFrom(...'CHMRLNBEAQDO'), octets(300)), { maxLength: 12 });

function cutAt(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return places.slice(1).map((to, index) => whole.subarray(places[index], to));
}

t.test('packets cut anywhere are the same packets', async (t) => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat(5_000), { maxLength: 30 }), (packets, cuts) => {
      const whole = Buffer.concat(packets.map(([code, payload]) => frame(code, payload)));
      const expected = packets.map(([code, payload]) => ({ code, payload: payload.toString('latin1') }));
      t.strictSame(read(cutAt(whole, cuts)), { frames: expected, malformed: false });
    }),
    { numRuns: 300 },
  );
  const packets = ['first', 'second', 'third'].map((text) => frame('H', `${text}\0`));
  const single = [...Buffer.concat(packets)].map((octet) => Buffer.from([octet]));
  t.strictSame(
    read(single).frames.map(({ payload }) => payload),
    ['first\0', 'second\0', 'third\0'],
  );
});

t.test('lengths that cannot be are found out before anything is kept', async (t) => {
  const limit = (code: string) => (code === 'B' ? 100 : 10);
  t.ok(read([uint32(0)], limit).malformed, 'no command');
  t.ok(read([uint32(0xffffffff), Buffer.from('B')], limit).malformed, '4 GiB');
  t.ok(read([uint32(12), Buffer.from('H')], limit).malformed, 'one octet too many');
  t.notOk(read([uint32(11), Buffer.from('H')], limit).malformed);
  t.notOk(read([uint32(101), Buffer.from('B')], limit).malformed, 'each command has its own');
});

t.test('what was handed out stays as it was', async (t) => {
  const reader = new FrameReader(() => 1_000);
  reader.push(frame('H', 'one\0').subarray(0, 5));
  reader.push(Buffer.concat([frame('H', 'one\0').subarray(5), frame('H', 'two\0').subarray(0, 6)]));
  const first = reader.next();
  reader.push(Buffer.concat([frame('H', 'two\0').subarray(6), frame('H', 'three\0').subarray(0, 3)]));
  const second = reader.next();
  reader.push(frame('H', 'three\0').subarray(3));
  const third = reader.next();
  t.strictSame(
    [first, second, third].map((one) => one?.payload.toString()),
    ['one\0', 'two\0', 'three\0'],
  );
});

t.test('memory follows what was received, not what was announced', async (t) => {
  const reader = new FrameReader(payloadLimit);
  const before = process.memoryUsage().arrayBuffers;
  reader.push(uint32(1_000_000));
  reader.push(Buffer.from('L'));
  reader.next();
  t.ok(process.memoryUsage().arrayBuffers - before < 100_000);
  t.equal(reader.pending, 5);
});

t.test('garbage is refused or understood, never thrown up', async (t) => {
  fc.assert(
    fc.property(fc.array(octets(200), { maxLength: 10 }), (chunks) => {
      const { frames } = read(chunks, payloadLimit);
      for (const { code, payload } of frames) parseCommand({ code, payload: Buffer.from(payload, 'latin1') });
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...'OCHMRTLNBEAQKUDxyz\0'), octets(200), (code, payload) => {
      const command = parseCommand({ code, payload });
      if (command !== null) t.type(command.kind, 'string');
    }),
    { numRuns: 1_000 },
  );
});
