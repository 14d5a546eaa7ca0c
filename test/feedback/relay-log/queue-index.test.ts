import { deepStrictEqual, equal } from 'node:assert/strict';
import t from 'tap';
import { QueueFile } from '../../../src/feedback/relay-log/queue-file.js';
import { QueueIndex } from '../../../src/feedback/relay-log/queue-index.js';
import fc from '../../support/property.js';

t.test('one id on two machines is two messages; without a machine it may be either', async (t) => {
  const index = new QueueIndex();
  const one = new QueueFile('A1', 'mx1', 0);
  index.add(one);
  t.equal(index.find('A1', null), one);
  t.equal(index.find('A1', 'mx2'), null);
  const other = new QueueFile('A1', 'mx2', 0);
  index.add(other);
  t.equal(index.find('A1', 'mx2'), other);
  t.equal(index.find('A1', null), null);
  index.remove(one);
  index.remove(one);
  t.equal(index.find('A1', null), other);
  t.equal(index.size, 1);
});

t.test('it finds and orders as a list of files by when they were heard does', async () => {
  const step = fc.record({
    does: fc.constantFrom('add', 'add', 'heard', 'remove'),
    id: fc.constantFrom('A1', 'B1', 'C1', 'D1'),
    host: fc.constantFrom('mx1', 'mx2'),
    at: fc.nat(100),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const index = new QueueIndex();
      /** Groups of one id, least recently heard first. */
      let groups: QueueFile[][] = [];
      for (const { does, id, host, at } of steps) {
        const group = groups.find(([first]) => first?.id === id) ?? [];
        const known = group.find((file) => file.host === host) ?? null;
        equal(index.find(id, host), known);
        if (does === 'add' && known === null) {
          const file = new QueueFile(id, host, at);
          index.add(file);
          if (group.push(file) === 1) groups.push(group);
        } else if (does === 'heard' && known !== null) {
          const before = known.heardAt;
          index.heard(known, at);
          equal(known.heardAt, Math.max(before, at), 'lines may come late');
          groups = [...groups.filter((other) => other !== group), group];
        } else if (does === 'remove' && known !== null) {
          index.remove(known);
          group.splice(group.indexOf(known), 1);
          groups = groups.filter(({ length }) => length > 0);
        }
        deepStrictEqual([...index.byAge()], groups);
        equal(index.size, groups.flat().length);
      }
    }),
  );
});
