import { equal, ok } from 'node:assert/strict';
import t from 'tap';
import type { Delivery } from '../../../src/feedback/relay-log/log-event.js';
import { QueueFile } from '../../../src/feedback/relay-log/queue-file.js';
import fc from '../../support/property.js';

const file = (id: string) => new QueueFile(id, 'mx', 0);

function hop(recipient: string, originalRecipient: string | null): Delivery {
  return {
    event: 'delivery',
    at: 0,
    host: 'mx',
    queueId: 'A1',
    fate: 'sent',
    recipient,
    originalRecipient,
    status: '2.0.0',
    text: '',
    remoteMta: null,
    agent: 'smtp',
    nextId: 'B1',
    nextIsLocal: true,
  };
}

t.test('recipients are named as the client named them, through the aliases of each hop', async (t) => {
  const [first, second, third] = [file('A1'), file('B1'), file('C1')];
  t.equal(second.comesFrom(first, hop('sales@acme.example', 'info@acme.example')), true);
  t.equal(third.comesFrom(second, hop('sales@acme.example', null)), true);
  const originalOf = (recipient: string, originalRecipient: string | null = null) =>
    third.originalOf({ recipient, originalRecipient });
  t.equal(originalOf('sales@acme.example'), 'info@acme.example');
  t.equal(originalOf('anna@acme.example', 'sales@acme.example'), 'info@acme.example');
  t.equal(originalOf('anna@acme.example'), 'info@acme.example', 'it was the only one');
  t.equal(originalOf('info@acme.example'), null, 'as the line has it');
  third.comesFrom(second, hop('bert@acme.example', null));
  t.equal(originalOf('anna@acme.example'), null, 'now it may be either');
  t.equal(originalOf('anna@acme.example', 'anne@acme.example'), 'anne@acme.example');
});

t.test('a server out there cannot make one message of two', async (t) => {
  const [parent, child, other] = [file('A1'), file('B1'), file('C1')];
  parent.messageId = '<1>';
  child.messageId = '<2>';
  t.equal(child.mayComeFrom(parent, false), false, 'it has another Message-ID');
  t.equal(child.mayComeFrom(parent, true), true, 'a filter here may give it one');
  t.equal(parent.mayComeFrom(parent, true), false);
  child.comesFrom(other, null);
  t.equal(child.mayComeFrom(parent, true), false, 'it has come from another');
});

t.test('whatever comes from what: no circles, and suspects know who suspects them', async () => {
  const nat = fc.nat(7);
  const step = fc.record({ does: fc.constantFrom('parent', 'suspect', 'close', 'forget'), one: nat, other: nat });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const files = Array.from({ length: 8 }, (_, index) => file(`F${index}`));
      for (const { does, one, other } of steps) {
        const [child, parent] = [files[one], files[other]];
        if (child === undefined || parent === undefined) throw new Error('eight files');
        if (does === 'parent') {
          const wasBefore = parent.lineage.includes(child);
          equal(child.comesFrom(parent, null), !wasBefore);
        } else if (does === 'suspect') child.suspect = parent;
        else if (does === 'forget') child.suspect = null;
        else child.closed = true;
        for (const each of files) {
          const { lineage, openSuspect } = each;
          equal(new Set(lineage).size, lineage.length);
          equal(lineage.at(-1), each);
          ok(openSuspect?.closed !== true);
          for (const by of files) equal(each.suspectedBy.has(by), by.suspect === each);
        }
      }
    }),
  );
});
