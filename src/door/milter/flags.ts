/** The bits that MTA and filter agree on (protocol.md, "Negotiation"). */

/** The newest version of the protocol, that of Sendmail 8.14 and Postfix 2.6 and later. */
export const NEWEST_VERSION = 6;
/** The oldest one that is still spoken somewhere. */
export const OLDEST_VERSION = 2;

/** What a filter may do to a message. */
export const ACTION = {
  addHeader: 0x1,
  changeBody: 0x2,
  addRecipient: 0x4,
  deleteRecipient: 0x8,
  changeHeader: 0x10,
  quarantine: 0x20,
  changeSender: 0x40,
  addRecipientWithParameters: 0x80,
  /** Say which macros it wants. */
  chooseMacros: 0x100,
} as const;

/** Which commands the MTA leaves out, or does not wait for; more of how it behaves. */
export const STEP = {
  noConnect: 0x1,
  noHelo: 0x2,
  noMail: 0x4,
  noRecipient: 0x8,
  noBody: 0x10,
  noHeaders: 0x20,
  noEndOfHeader: 0x40,
  noReplyHeader: 0x80,
  noUnknown: 0x100,
  noData: 0x200,
  /** We may answer a piece of the body with `skip`. */
  skip: 0x400,
  /** Recipients that the MTA has refused are told as well. */
  refusedRecipients: 0x800,
  noReplyConnect: 0x1000,
  noReplyHelo: 0x2000,
  noReplyMail: 0x4000,
  noReplyRecipient: 0x8000,
  noReplyData: 0x10000,
  noReplyUnknown: 0x20000,
  noReplyEndOfHeader: 0x40000,
  noReplyBody: 0x80000,
  /** Values of header fields come with the space after the colon. */
  leadingSpace: 0x100000,
} as const;

/** Where a list of wanted macros belongs. */
export const MACRO_LIST = {
  connect: 0,
  helo: 1,
  mail: 2,
  recipient: 3,
  data: 4,
  endOfMessage: 5,
  endOfHeader: 6,
} as const;

export function has(bits: number, bit: number): boolean {
  return (bits & bit) !== 0;
}
