import { RelayFailure, type RelayLogin } from './contract.js';
import { dialWithoutAuth, tryCredentials } from './dial.js';
import { type RelayHost, type RelayLinkOptions, relayName } from './options.js';

/**
 * Checks credentials by AUTH at the relay, on a connection of its own each time:
 * what a relay lets one user do must never reach another's mail. Rejects with
 * RelayFailure('connect', …) when no relay could say yes or no.
 */
export function createRelayLogin(options: RelayLinkOptions & { readonly hosts: readonly RelayHost[] }): RelayLogin {
  return async (username, password) => {
    // NUL parts the fields of PLAIN (RFC 4616 §2): within one it would make another user of it.
    if (username.includes('\0') || password.includes('\0')) return 'refused';
    let failure: unknown = new RelayFailure('connect', 'unreachable', 'no relay is configured');
    for (const host of options.hosts) {
      try {
        return await loginAt(host, options, username, password);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
}

async function loginAt(host: RelayHost, options: RelayLinkOptions, username: string, password: string) {
  const link = await dialWithoutAuth(host, options);
  try {
    const reply = await tryCredentials(link, host, options, { username, password });
    if (reply.code === 235) return 'accepted';
    // RFC 4954 §6: 535 is the answer to wrong credentials; 525 (X.7.13 in IANA's
    // registry of status codes) to an account that is shut. Anything else is no
    // answer to the question.
    if (reply.code === 535 || reply.code === 525) return 'refused';
    const said = `${reply.code} ${reply.lines.join(' / ')}`;
    throw new RelayFailure('connect', 'auth', `relay ${relayName(host)}: AUTH could not be checked: ${said}`);
  } finally {
    link.channel.quit();
  }
}
