import type { Socket } from 'node:net';
import { wayTo, type Way } from '@mysmtp/test-kit';

/** What the proxy does with a frame of the broker; `pass` sends octets to the client. */
export type OnFrame = (
  frame: { readonly octets: Buffer; readonly number: number; readonly connection: number },
  client: Socket,
) => void;

/** A proxy to a real broker that can change each frame, numbered from 1 in each connection. */
export function frameByFrame(url: string, onFrame: OnFrame): Promise<Way> {
  const read = new Map<number, { rest: Buffer; frames: number }>();
  return wayTo(url, {
    onServer(octets, { client, number: connection }) {
      const state = read.get(connection) ?? { rest: Buffer.alloc(0), frames: 0 };
      read.set(connection, state);
      state.rest = Buffer.concat([state.rest, octets]);
      // Type, channel and size; the payload; the end octet of a frame.
      while (state.rest.length >= 7 && state.rest.length >= state.rest.readUInt32BE(3) + 8) {
        const size = state.rest.readUInt32BE(3) + 8;
        const frame = state.rest.subarray(0, size);
        state.rest = state.rest.subarray(size);
        onFrame({ octets: frame, number: (state.frames += 1), connection }, client);
      }
    },
  });
}

/** connection.close (on channel 0) or channel.close, as the broker sends it (AMQP 0-9-1, 1.4.2.9 and 1.5.2.5). */
export function closeFrame(channel: number, code: number): Buffer {
  const text = Buffer.from('closed by the test');
  const payload = Buffer.alloc(4 + 2 + 1 + text.length + 4);
  payload.writeUInt16BE(channel === 0 ? 10 : 20, 0);
  payload.writeUInt16BE(channel === 0 ? 50 : 40, 2);
  payload.writeUInt16BE(code, 4);
  payload.writeUInt8(text.length, 6);
  text.copy(payload, 7);
  const header = Buffer.alloc(7);
  header.writeUInt8(1, 0);
  header.writeUInt16BE(channel, 1);
  header.writeUInt32BE(payload.length, 3);
  return Buffer.concat([header, payload, Buffer.from([0xce])]);
}
