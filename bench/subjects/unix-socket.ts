import { chmod, mkdir } from 'node:fs/promises';

/** Where a program that Postfix asks listens: all are asked over a unix socket, as on one machine. */
export function socketIn(folder: string): string {
  return `${folder}/socket`;
}

/** A folder in which whoever the program becomes may make its socket. */
export async function openFolder(path: string): Promise<string> {
  await mkdir(path);
  await chmod(path, 0o777);
  return path;
}
