import { findMailboxes } from '../address/mailboxes.js';

/** What the tables are tried on: enough for the longest reply that means something. */
const MAX_WORDS = 4_000;
const URL = /\bhttps?:\/\/[^\s<>"')\]]{1,500}/g;
/** `host mx.example.net[192.0.2.1] said:`: who said it is not what was said. */
const SPEAKER =
  /(?<!client )\b(?:hosts?|(?:mail |remote )?server|connect(?:ed|ing)? to|talking to|by|at|to|from) (?:[\w.-]{1,255} ?)?[[(](?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{2,45})[\])](?::\d+)?/g;
const HOST = /(?<![\w.@-])(?:[a-z0-9_-]{1,63}\.){1,10}[a-z]{2,24}\b(?![\w@-])/g;
/** Hosts and pages whose name is the message. */
const TELLING =
  /spamhaus|spamcop|sorbs|barracudacentral|uceprotect|abuseat|invaluement|psbl|dnsbl|rbl|surbl|senderbase|senderscore|mail-abuse|backscatter|mailspike|abusix|gbudb|spamrats|postmaster\.live|cloudmark|proofpoint|nosuchuser|sbl|xbl|zen\.|^(?:resolver|routing|storedrv|queue)\./;

/**
 * A diagnostic as the wordings are compared with it: lower case, one blank for
 * white space, and no addresses, hosts and links, whose names could say anything
 * (`spam@example.net` is no spam, `nobody.unknown.example` exists).
 */
export function comparableWords(text: string): string {
  const joined = text.slice(0, MAX_WORDS).toLowerCase().replace(/\s+/g, ' ').replaceAll('’', "'");
  return withoutMailboxes(joined)
    .replace(URL, (url) => (TELLING.test(url) ? url : ''))
    .replace(SPEAKER, ' ')
    .replace(HOST, (host) => (TELLING.test(host) ? host : 'host'));
}

function withoutMailboxes(text: string): string {
  let words = '';
  let at = 0;
  for (const { start, end } of findMailboxes(text)) {
    words += `${text.slice(at, start)}@`;
    at = end;
  }
  return (words + text.slice(at)).replaceAll('<@>', '@');
}
