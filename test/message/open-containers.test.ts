import { deepStrictEqual, equal } from 'node:assert/strict';
import t from 'tap';
import { NO_HEADER } from '../../src/message/header-section.js';
import { OpenContainers } from '../../src/message/open-containers.js';
import { beginPart } from '../../src/message/part-builder.js';
import { partKind } from '../../src/message/part-kind.js';
import fc from '../support/property.js';

const PART = beginPart(partKind(NO_HEADER, 'text/plain'), NO_HEADER, null);

t.test('a line is the boundary of the innermost container that has it', async (t) => {
  const open = new OpenContainers();
  t.equal(open.push(PART, 'a', 0), 'new');
  t.equal(open.push(PART, 'b', 10), 'new');
  t.equal(open.push(PART, null, 20), 'new');
  t.equal(open.push(PART, 'a', 30), 'reused');
  t.strictSame(open.boundaryLine('a'), { depth: 3, closes: false });
  t.strictSame(open.boundaryLine('b--'), { depth: 1, closes: true });
  t.equal(open.boundaryLine('c'), null);
  t.equal(open.boundaryLine(''), null);
  t.match(open.pop(), { boundary: 'a', from: 30, begun: false });
  t.strictSame(open.boundaryLine('a--'), { depth: 0, closes: true }, 'the outer one has it again');
  t.equal(open.depth, 3);
});

/** What is within what, looked through from the inside out. */
class Model {
  readonly open: (string | null)[] = [];

  lineOf(text: string): { depth: number; closes: boolean } | null {
    const begins = this.open.lastIndexOf(text);
    if (begins >= 0) return { depth: begins, closes: false };
    const closes = text.endsWith('--') ? this.open.lastIndexOf(text.slice(0, -2)) : -1;
    return closes < 0 ? null : { depth: closes, closes: true };
  }
}

t.test('it finds what looking through all of them finds', async () => {
  // One that ends like another's last line.
  const boundary = fc.constantFrom('a', 'b', 'a--', 'b----', '--');
  const step = fc.oneof(
    fc.record({ push: fc.option(boundary, { freq: 5 }) }),
    fc.record({ pop: fc.constant(true) }),
    fc.record({ line: fc.oneof(boundary, fc.constantFrom('', 'a----', 'b--', 'c')) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const open = new OpenContainers();
      const model = new Model();
      for (const one of steps) {
        if ('push' in one) {
          const reused = one.push !== null && model.open.includes(one.push);
          equal(open.push(PART, one.push, model.open.length), reused ? 'reused' : 'new');
          model.open.push(one.push);
        } else if ('pop' in one) {
          const known = model.open.pop();
          equal(open.pop()?.boundary, known);
        } else deepStrictEqual(open.boundaryLine(one.line), model.lineOf(one.line));
        equal(open.depth, model.open.length);
        equal(open.innermost?.from ?? -1, model.open.length - 1);
        equal(
          open.haveNoBoundary,
          model.open.every((known) => known === null),
        );
      }
    }),
  );
});
