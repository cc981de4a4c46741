import type { FrameData } from '@jetsocket/core/protocol';

/** All that is asked of a socket, so that any server's can be used. */
export interface Socket {
  send(data: FrameData): void;
  close(code: number, reason: string): void;
  /** Lets go at once. */
  terminate(): void;
  /** Bytes given to `send` that still wait in this process. */
  readonly bufferedBytes: number;
}
