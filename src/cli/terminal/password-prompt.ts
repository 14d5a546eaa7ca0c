/** A password from the person at the terminal, unseen and asked for twice; or from the first line of a pipe. */

import { createInterface } from 'node:readline';
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
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Switches echo off before anything is asked, and stays for both questions:
  // what is typed ahead is neither shown nor lost.
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true });
  const lines = terminal[Symbol.asyncIterator]();
  const stopped = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(new Failure(EXIT.interrupted, 'interrupted; nothing is changed'));
    terminal.once('SIGINT', stop).once('close', stop);
  });
  const ask = async (question: string): Promise<string> => {
    process.stderr.write(question);
    const answer = await Promise.race([lines.next(), stopped]).finally(() => process.stderr.write('\n'));
    // Ctrl-D ends the lines, and closes the terminal.
    return answer.done ? stopped : answer.value;
  };
  try {
    const password = await ask(`Password for ${username}: `);
    if ((await ask('Once more: ')) === password) return password;
    throw new Failure(EXIT.usage, 'the two were not the same; nothing is changed');
  } finally {
    stopped.catch(() => undefined);
    terminal.close();
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
