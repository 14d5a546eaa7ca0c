import t from 'tap';
import { NO_HEADER } from '../../src/message/header-section.js';
import { beginPart, type PartBuilder } from '../../src/message/part-builder.js';
import { partKind } from '../../src/message/part-kind.js';

t.test('parts are named as IMAP names them', async (t) => {
  const begun = (type: string, parent: PartBuilder | null) => {
    const kind = partKind(NO_HEADER, type);
    // As if it had said where its parts begin.
    const part = beginPart(type.startsWith('multipart/') ? { ...kind, role: 'multipart' } : kind, NO_HEADER, parent);
    parent?.children.push(part);
    return part;
  };
  t.equal(begun('text/plain', null).path, '1', 'a message without parts');
  // The example of RFC 3501 §6.4.5.
  const mixed = begun('multipart/mixed', null);
  t.equal(mixed.path, '0');
  t.equal(begun('text/plain', mixed).path, '1');
  t.equal(begun('application/octet-stream', mixed).path, '2');
  const message = begun('message/rfc822', mixed);
  t.equal(message.path, '3');
  const within = begun('multipart/mixed', message);
  t.equal(within.path, '3.0', 'which has no name there');
  t.equal(begun('text/plain', within).path, '3.1');
  t.equal(begun('application/octet-stream', within).path, '3.2');
  t.match(within, { embedded: true, alternativeOf: null });
  const image = begun('multipart/mixed', mixed);
  t.equal(begun('image/gif', image).path, '4.1');
  const attached = begun('message/rfc822', image);
  t.equal(attached.path, '4.2');
  const inner = begun('multipart/alternative', begun('multipart/mixed', attached));
  t.equal(inner.path, '4.2.1');
  const text = begun('text/html', inner);
  t.match(text, { path: '4.2.1.1', alternativeOf: '4.2.1', embedded: true });
  const plain = begun('message/rfc822', mixed);
  t.equal(begun('text/plain', plain).path, '5.1', 'a message of one part within a message');
});
