import t from 'tap';
import { Deadline } from '../../src/door/deadline.js';

t.test('the last setting counts, be it earlier or later', async (t) => {
  const passed: string[] = [];
  await new Promise<void>((resolve) => {
    const soon = new Deadline(() => {
      passed.push('brought forward');
    });
    soon.set(60_000);
    soon.set(20);
    const cleared = new Deadline(() => passed.push('cleared'));
    cleared.set(10);
    cleared.clear();
    const later = new Deadline(() => {
      passed.push('put off');
      clearInterval(alive);
      resolve();
    });
    later.set(1);
    later.set(80);
    // Deadlines do not keep a process alive.
    const alive = setInterval(() => {}, 10_000);
  });
  t.same(passed, ['brought forward', 'put off']);
});

t.test('it can be set again when it has passed', async (t) => {
  const alive = setInterval(() => {}, 10_000);
  let times = 0;
  await new Promise<void>((resolve) => {
    const deadline: Deadline = new Deadline(() => {
      times += 1;
      if (times === 3) resolve();
      else deadline.set(1);
    });
    deadline.set(1);
  });
  clearInterval(alive);
  t.equal(times, 3);
});

t.test('at rest it never passes, and set again it does', async (t) => {
  const alive = setInterval(() => {}, 10_000);
  let rested = 0;
  const resting = new Deadline(() => {
    rested += 1;
  });
  resting.set(1);
  resting.rest();
  await new Promise<void>((resolve) => {
    const deadline = new Deadline(resolve);
    deadline.set(1);
    deadline.rest();
    deadline.set(20);
  });
  clearInterval(alive);
  t.equal(rested, 0);
});
