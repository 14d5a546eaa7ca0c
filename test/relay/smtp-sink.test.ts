import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { userInfo } from 'node:os';
import t from 'tap';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { CLIENT, sendMessage, startPool } from './pool-for-tests.js';

const SMTP_SINK = ['/usr/sbin/smtp-sink', '/usr/local/sbin/smtp-sink'].find((file) => existsSync(file));

/** Postfix's own sink, once it listens. */
async function startSmtpSink(t: { teardown(end: () => unknown): unknown }): Promise<number> {
  if (SMTP_SINK === undefined) throw new Error("Postfix's smtp-sink is not installed (Debian: postfix)");
  const port = await freePort();
  const user = userInfo().uid === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(SMTP_SINK, [...user, `127.0.0.1:${port}`, '100'], { stdio: 'ignore' });
  t.teardown(() => child.kill());
  await until('smtp-sink listens', async () => (await listens(port)) || null);
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

t.test("300 messages through 4 connections to Postfix's smtp-sink", async (t) => {
  const pool = startPool(t, await startSmtpSink(t), { limit: 4 });
  const codes = await Promise.all(
    Array.from({ length: 300 }, async (_, index) => {
      const session = await pool.acquire(CLIENT);
      if (index % 10 === 0) {
        const { data } = await session.envelope({ path: '<>', parameters: [] }, [
          { path: `<r${index}@x>`, parameters: [] },
        ]);
        t.equal(data?.code, 354);
        const reply = await session.finish(Buffer.from('deferred\r\n'));
        session.release();
        return reply.code;
      }
      return (await sendMessage(session, `Subject: ${index}\r\n\r\n..\r\n`)).code;
    }),
  );
  t.strictSame(new Set(codes), new Set([250]));
  t.ok(pool.usage.open <= 4);
});
