/** Options that most commands share, worded once. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { isAccountId } from '../account/account-id.js';
import { parseInstant, parseKey } from '../csv/columns.js';
import { subscriptionIdIn } from '../message/passing-header.js';
import { CATALOGUE } from '../policy/catalogue.js';
import type { AccountId, AddressKey, Instant } from '../store/contract.js';
import { parseDuration } from '../units/duration.js';
import { REASONS } from './suppression/csv-columns.js';

/** For arguments that are checked, and completed by shells. */
export const RULE_IDS: readonly string[] = CATALOGUE.map(({ id }) => id);

export interface JsonOption {
  readonly json?: true;
}

export interface ConfigOption {
  readonly config?: string;
}

export function withJson(command: Command): Command {
  return command.option('--json', 'answer in JSON');
}

export function withConfig(command: Command): Command {
  return command.option(
    '-c, --config <file>',
    'config file (default: $SLUICE_CONFIG, ./sluice.yaml, /etc/sluice/sluice.yaml)',
    (file: string, before: string | undefined) => {
      if (before !== undefined) throw new InvalidArgumentError(`There is one config, and ${before} was named already.`);
      return file;
    },
  );
}

/** Examples at the end of a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
}

export function addressArgument(text: string): AddressKey {
  const key = parseKey(text);
  if (key === null || key.startsWith('@')) throw new InvalidArgumentError('Not an address.');
  return key;
}

/** For commander's way to give a repeatable argument: each value with those before it. */
export function addressesArgument(text: string, before: readonly AddressKey[] | undefined): readonly AddressKey[] {
  return [...(before ?? []), addressArgument(text)];
}

/** The same, of domains as well. */
export function keysArgument(text: string, before: readonly AddressKey[] | undefined): readonly AddressKey[] {
  const key = parseKey(text);
  if (key === null) throw new InvalidArgumentError('Neither an address nor @domain.');
  return [...(before ?? []), key];
}

export function accountArgument(text: string): AccountId {
  if (!isAccountId(text))
    throw new InvalidArgumentError('Not an account: printable characters without spaces, at most 128.');
  return text;
}

export function listArgument(text: string): string {
  const list = subscriptionIdIn(/^<(.*)>$/.exec(text)?.[1] ?? text);
  if (list === null) throw new InvalidArgumentError('Not a list: what stands in the angle brackets of List-Id.');
  return list;
}

export function streamArgument(text: string): string {
  const stream = subscriptionIdIn(text);
  if (stream === null) throw new InvalidArgumentError('Not a stream: a name without spaces, at most 255 characters.');
  return stream;
}

export function reasonOption(description: string): Option {
  return new Option('-r, --reason <reason>', description).choices(REASONS).default('manual');
}

export function countOption(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError('A number from 1 on.');
  return count;
}

/** A duration ago (`24h`), or a time of ISO 8601. */
export function pastOption(text: string): Instant {
  return momentFrom(text, -1);
}

/** A duration from now (`30d`), or a time of ISO 8601 to come. */
export function futureOption(text: string): Instant {
  const at = momentFrom(text, 1);
  if (at <= Date.now()) throw new InvalidArgumentError('It has passed already.');
  return at;
}

function momentFrom(text: string, direction: 1 | -1): Instant {
  const duration = parseDuration(text);
  if (duration !== null) return Date.now() + direction * duration;
  const at = parseInstant(text);
  if (at === null || at === 'malformed')
    throw new InvalidArgumentError('A duration such as 24h, or a time such as 2026-11-24T15:00Z.');
  return at;
}

/** Who did it, where nobody says: the person at the terminal. */
export function currentUser(): string {
  return process.env.SUDO_USER ?? process.env.USER ?? process.env.LOGNAME ?? 'cli';
}
