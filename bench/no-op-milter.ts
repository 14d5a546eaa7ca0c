/** A milter that agrees to everything: `no-op-milter.ts PATH`, a unix socket. */

import { createServer } from 'node:net';
import { parseCommand, payloadLimit } from '../src/door/milter/command.js';
import { FrameReader } from '../src/door/milter/frame-reader.js';
import { agree } from '../src/door/milter/negotiation.js';
import { ACCEPT, CONTINUE, negotiated } from '../src/door/milter/response.js';

createServer((socket) => {
  const reader = new FrameReader(payloadLimit);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    reader.push(chunk);
    for (let frame = reader.next(); frame !== null; frame = reader.next()) {
      const command = parseCommand(frame);
      switch (command?.kind) {
        case 'negotiate': {
          const agreed = agree(command, { content: 'whole', actions: 0 });
          if (agreed !== null) socket.write(negotiated(agreed));
          break;
        }
        case 'connect':
        case 'mail':
        case 'rcpt':
        case 'data':
          socket.write(CONTINUE);
          break;
        case 'endOfMessage':
          socket.write(ACCEPT);
          break;
        case 'quit':
          socket.end();
          break;
        default:
      }
    }
  });
}).listen(process.argv[2]);
