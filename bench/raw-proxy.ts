/**
 * What a proxy in this runtime costs when it does next to nothing: lines are
 * handed on, relay connections are pooled, one script counts each message in
 * Redis. No parsing, no limits, no log, no time limits: `raw-proxy.ts PORT RELAY-PORT REDIS-SOCKET`.
 */

import { connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';

const COUNT = `local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('PEXPIRE', KEYS[1], 3600000) end
return used`;
const END_OF_DATA = '\r\n.\r\n';

const [port, relayPort, redisSocket] = process.argv.slice(2);
const redis = new Redis({ path: redisSocket ?? '' });
redis.defineCommand('count', { numberOfKeys: 1, lua: COUNT });
const counting = redis as Redis & { count(key: string): Promise<number> };

interface Relay {
  readonly socket: Socket;
  heard: (reply: Buffer) => void;
}

const idle: Relay[] = [];

async function relay(): Promise<Relay> {
  const free = idle.pop();
  if (free !== undefined) return free;
  const socket = connect(Number(relayPort), '127.0.0.1').setNoDelay(true);
  const opened: Relay = { socket, heard: () => undefined };
  socket.on('data', (chunk) => opened.heard(chunk));
  await ask(opened, null);
  await ask(opened, 'EHLO raw.example\r\n');
  return opened;
}

function ask(to: Relay, octets: string | Buffer | null): Promise<Buffer> {
  return new Promise((resolve) => {
    to.heard = resolve;
    if (octets !== null) to.socket.write(octets);
  });
}

createServer((client) => {
  let to: Relay | null = null;
  let content = false;
  client.setNoDelay(true);
  client.on('error', () => client.destroy());
  client.write('220 raw.example ESMTP\r\n');
  client.on('data', async (chunk) => {
    if (content && to !== null) {
      if (chunk.toString('latin1', chunk.length - END_OF_DATA.length) !== END_OF_DATA) {
        to.socket.write(chunk);
        return;
      }
      client.write(await ask(to, chunk));
      idle.push(to);
      to = null;
      content = false;
      return;
    }
    const verb = chunk.toString('latin1', 0, 4);
    if (verb === 'EHLO' || verb === 'HELO') client.write('250 raw.example\r\n');
    else if (verb === 'QUIT') client.end('221 2.0.0 Bye\r\n');
    else {
      to ??= await relay();
      if (verb === 'RCPT') await counting.count('account-0');
      const reply = await ask(to, chunk);
      content = verb === 'DATA';
      client.write(reply);
    }
  });
}).listen(Number(port), '127.0.0.1');
