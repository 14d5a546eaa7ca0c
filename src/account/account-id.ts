/**
 * An account's name, as it stands in configs, users files, store keys and logs:
 * printable ASCII without spaces, so that one log field or one CSV column holds
 * it whatever it is; no braces, which would move Redis Cluster's hash tag.
 */

export const ACCOUNT_ID = /^[\x21-\x7a|~]{1,128}$/;

export const ACCOUNT_ID_EXPECTED = 'an account id: 1 to 128 printable ASCII characters, no space, { or }';

export function isAccountId(text: string): boolean {
  return ACCOUNT_ID.test(text);
}
