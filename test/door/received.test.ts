import t from 'tap';
import { receivedField, type Trace } from '../../src/door/smtp/received.js';

const TRACE: Trace = {
  helo: 'client.example',
  address: '192.0.2.1',
  by: 'sluice.example',
  smtpUtf8: false,
  esmtp: true,
  tls: true,
  authenticated: true,
  id: 'S1.1',
  at: 0,
};

t.test('the trace field tells from whom, how, and in which second', async (t) => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  const said = (moment: number) => receivedField({ ...TRACE, at: moment }).toString('latin1');
  t.equal(
    said(at),
    'Received: from client.example ([192.0.2.1])\r\n' +
      '\tby sluice.example (Sluice) with ESMTPSA id S1.1;\r\n' +
      '\tFri, 02 Jan 2026 03:04:05 +0000\r\n',
  );
  t.equal(said(at + 999), said(at), 'the same second');
  t.match(said(at + 1000), '\tFri, 02 Jan 2026 03:04:06 +0000\r\n');
  t.equal(said(at), said(at + 1), 'a clock that was set back');
});
