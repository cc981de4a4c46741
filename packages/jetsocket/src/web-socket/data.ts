import type { Codec, FrameData } from '@jetsocket/core';

/** How binary messages are told, as the standard has it. */
export type BinaryKind = 'blob' | 'arraybuffer';

/** Frames as they are. */
export const raw: Codec<FrameData, FrameData> = {
  encode: (data) => data,
  decode: (data) => data,
};

/** Whatever may be sent, but for blobs, as a frame. Bytes are copied: their owner may use them again at once. */
export function frameOf(data: unknown): FrameData {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  }
  if (data instanceof ArrayBuffer || isShared(data)) return new Uint8Array(data).slice();
  return String(data);
}

export function isBlob(data: unknown): data is Blob {
  return typeof Blob !== 'undefined' && data instanceof Blob;
}

/** An incoming message, as `binaryType` asks for it. */
export function told(frame: FrameData, kind: BinaryKind): string | ArrayBuffer | Blob {
  if (typeof frame === 'string') return frame;
  // In Node it may be a view on more than the message; alone it need not be copied.
  const isAlone = frame.byteLength === frame.buffer.byteLength;
  const bytes = isAlone && frame.buffer instanceof ArrayBuffer ? frame.buffer : copy(frame);
  return kind === 'blob' ? new Blob([bytes]) : bytes;
}

function copy(frame: Uint8Array): ArrayBuffer {
  const bytes = new ArrayBuffer(frame.byteLength);
  new Uint8Array(bytes).set(frame);
  return bytes;
}

const isShared = (data: unknown): data is SharedArrayBuffer =>
  typeof SharedArrayBuffer !== 'undefined' && data instanceof SharedArrayBuffer;

const encoder = (): TextEncoder => new TextEncoder();

export const sizeOf = (frame: FrameData): number =>
  typeof frame === 'string' ? encoder().encode(frame).byteLength : frame.byteLength;
