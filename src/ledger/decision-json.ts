import type { WindowLimit, WindowUsage } from '../store/window.js';
import type { Decision, RecipientDecision } from './decision.js';

/**
 * A decision as JSON: what `JSON.stringify` makes of it, but that lists stand
 * last in their object. Two thirds of it are the limits that it met, which are
 * the same objects from message to message: each of them is written once, which
 * halves the work for one recipient and more than halves it for many.
 *
 * @param version stands first
 */
export function decisionJson(version: number, decision: Decision): string {
  const { recipients, messageUsage } = decision;
  const others = membersOf({ ...decision, recipients: undefined, messageUsage: undefined });
  const lists = `"recipients":[${recipients.map(recipientJson).join(',')}],"messageUsage":${usageJson(messageUsage)}`;
  return `{"version":${version},${others},${lists}}`;
}

function recipientJson(recipient: RecipientDecision): string {
  const { facts } = recipient;
  if (facts === null) return JSON.stringify(recipient);
  const ofFacts = `${membersOf({ ...facts, usage: undefined })},"usage":${usageJson(facts.usage)}`;
  return `{${membersOf({ ...recipient, facts: undefined })},"facts":{${ofFacts}}}`;
}

function usageJson(usage: readonly WindowUsage[]): string {
  const items = usage.map(
    ({ limit, used, over, freesUpInMs }) =>
      `{"limit":${limitJson(limit)},"used":${used},"over":${over},"freesUpInMs":${freesUpInMs}}`,
  );
  return `[${items.join(',')}]`;
}

const written = new WeakMap<WindowLimit, string>();

function limitJson(limit: WindowLimit): string {
  const known = written.get(limit);
  if (known !== undefined) return known;
  const json = JSON.stringify(limit);
  written.set(limit, json);
  return json;
}

/** Without its braces; a member that is undefined is none. */
function membersOf(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}
