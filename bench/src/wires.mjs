/**
 * What a message looks like on the wire, by who reads it: as it is, in the frames of `jetsocket.v1`
 * (docs/protocol.md), or in those of socket.io (its protocol 5 on engine.io's protocol 4).
 *
 * @typedef {object} Wire
 * @property {(text: string, index: number, isJson: boolean) => string} asText A message's frame; `index` from 0.
 * @property {(bytes: Buffer, index: number) => readonly (string | Buffer)[]} asBytes Its frames, when it is bytes.
 * @property {(text: string) => string} answer What the server says to the client outside of the numbers.
 */

/** @type {Record<string, Wire>} */
export const wires = {
  plain: { asText: (text) => text, asBytes: (bytes) => [bytes], answer: (text) => text },
  session: {
    asText: (text, index) => `${index + 1} ${text}`,
    asBytes: (bytes, index) => [Buffer.concat([varint(index + 1), Buffer.from([0]), bytes])],
    answer: (text) => ` ${text}`,
  },
  'socket.io': {
    asText: (text, _, isJson) => `42["m",${isJson ? text : JSON.stringify(text)}]`,
    asBytes: (bytes) => ['451-["m",{"_placeholder":true,"num":0}]', bytes],
    answer: (text) => `42["m",${text}]`,
  },
};

/** LEB128. @param {number} value */
function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** One frame of a server, which masks nothing (RFC 6455 §5.2). @param {string | Buffer} payload */
export function frame(payload) {
  const bytes = Buffer.from(payload);
  const opcode = typeof payload === 'string' ? 0x81 : 0x82;
  const { length } = bytes;
  if (length < 126) return Buffer.concat([Buffer.from([opcode, length]), bytes]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = opcode;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, bytes]);
}
