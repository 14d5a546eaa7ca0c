import { isAttachedMessage, leaves, type MimePart, readMessage } from './mime/mime-part.js';

const START =
  /^[>\s]*(?:-{2,}\s{0,3}(?:original message|forwarded message|forwarded by.{0,80}|ursprüngliche nachricht|weitergeleitete nachricht|message (?:original|transféré|d'origine)|mensaje (?:original|reenviado)|messaggio (?:originale|inoltrato)|転送|原始邮件|转发邮件).{0,20}|begin forwarded message:|anfang der weitergeleiteten nachricht:)/im;

/**
 * Messages that somebody passes on: attached ones, and, if the subject says that
 * it is a forward, the one in the text with its few fields. A digest of a mailing
 * list is no forward.
 */
export function* forwardedMessages(message: MimePart, words: string, isForward: boolean): Generator<MimePart> {
  if (message.type !== 'multipart/digest') {
    for (const part of leaves(message)) {
      const inner = part.parts[0];
      if (isAttachedMessage(part) && inner !== undefined) yield inner;
    }
  }
  const start = isForward ? START.exec(words) : null;
  if (start !== null) yield quotedMessage(words.slice(start.index + start[0].length));
}

function quotedMessage(text: string): MimePart {
  const lines = text.split('\n').slice(1);
  const quoted = lines.filter((line) => line.startsWith('>')).length * 2 > lines.length;
  const plain = lines.map((line) => (quoted ? line.replace(/^>\s?/, '') : line).replace(/^\*([A-Za-z-]+:)\*/, '$1'));
  const first = plain.findIndex((line) => line.trim() !== '');
  return readMessage(
    // The words are text already; as UTF-8 octets they can be read like any message.
    Buffer.from(plain.slice(Math.max(0, first)).join('\n'), 'utf8').toString('latin1'),
  );
}
