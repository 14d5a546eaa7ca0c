/** A password from the person at the terminal, unseen and asked for twice; or from the first line of a pipe. */

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { EXIT, Failure } from '../exit-codes.js';

const MAX_OCTETS = 1024;

export async function readPassword(username: string): Promise<string> {
  const password = process.stdin.isTTY === true ? await askTwice(username) : await firstLine();
  if (password === '') throw new Failure(EXIT.usage, 'an empty password is none');
  if (Buffer.byteLength(password) > MAX_OCTETS)
    throw new Failure(EXIT.usage, `a password has at most ${MAX_OCTETS} octets`);
  return password;
}

async function askTwice(username: string): Promise<string> {
  const password = await ask(`Password for ${username}: `);
  if ((await ask('Once more: ')) !== password)
    throw new Failure(EXIT.usage, 'the two were not the same; nothing is changed');
  return password;
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true });
  // Ctrl-D closes the terminal, and node takes it for a failed question as well.
  const stopped = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(new Failure(EXIT.interrupted, 'interrupted; nothing is changed'));
    terminal.once('SIGINT', stop).once('close', stop);
  });
  const answer = terminal.question('').catch(() => stopped);
  try {
    return await Promise.race([answer, stopped]);
  } finally {
    stopped.catch(() => undefined);
    terminal.close();
    process.stderr.write('\n');
  }
}

async function firstLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk as string;
    if (text.includes('\n') || text.length > MAX_OCTETS) break;
  }
  return (text.split('\n', 1)[0] as string).replace(/\r$/, '');
}
