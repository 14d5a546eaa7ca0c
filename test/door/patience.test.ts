import t from 'tap';
import { Patience } from '../../src/door/smtp/patience.js';
import fc from '../support/property.js';

function patience(maxErrors: number) {
  const said: string[] = [];
  return {
    said,
    patience: new Patience(
      () => maxErrors,
      () => said.push('ran out'),
    ),
  };
}

t.test('the error that makes so many ends it, and is told once', async (t) => {
  const { said, patience: client } = patience(3);
  client.replied(503);
  client.replied(250);
  client.replied(550);
  client.achieved();
  client.replied(535);
  t.same(said, [], 'a refused recipient is no error, and MAIL forgives none');
  client.replied(500);
  t.same(said, ['ran out']);
  client.replied(500);
  t.same(said, ['ran out']);
});

t.test('a reload that allows fewer errors than there were ends it with the next', async (t) => {
  let allowed = 9;
  const said: string[] = [];
  const client = new Patience(
    () => allowed,
    () => said.push('ran out'),
  );
  for (let error = 0; error < 5; error += 1) client.replied(500);
  allowed = 2;
  t.same(said, []);
  client.replied(500);
  client.replied(500);
  t.same(said, ['ran out']);
});

t.test('a hundred idle commands are borne with, and as many again after a MAIL', async (t) => {
  const { said, patience: client } = patience(1);
  for (let command = 0; command < 100; command += 1) client.achievedNothing();
  client.achieved();
  for (let command = 0; command < 100; command += 1) client.achievedNothing();
  t.same(said, []);
  client.achievedNothing();
  t.same(said, ['ran out']);
});

t.test('it runs out once if there were so many errors, whatever was between them', async () => {
  const event = fc.oneof(
    fc.constantFrom(250, 354, 421, 454, 500, 504, 535, 550, 555),
    fc.constantFrom('nothing' as const, 'mail' as const),
    // Runs, for what is borne with is long.
    fc.constant('nothing x 60' as const),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.array(event, { maxLength: 40 }), (maxErrors, events) => {
      const { said, patience: client } = patience(maxErrors);
      const errors: unknown[] = [];
      let idle = 0;
      const doNothing = () => {
        idle += 1;
        if (idle > 100) errors.push('idle');
        client.achievedNothing();
      };
      for (const one of events) {
        if (typeof one === 'number') {
          if (/^(?:454|50\d|535|555)$/.test(`${one}`)) errors.push(one);
          client.replied(one);
        } else if (one === 'mail') {
          idle = 0;
          client.achieved();
        } else for (let times = one === 'nothing' ? 1 : 60; times > 0; times -= 1) doNothing();
      }
      return said.length === (errors.length >= maxErrors ? 1 : 0);
    }),
  );
});
