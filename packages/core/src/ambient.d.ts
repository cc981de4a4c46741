/**
 * The few globals besides ECMAScript's own that the core uses: pure values, the same in every browser,
 * worker and server runtime. Nothing here touches the world.
 */

declare class URL {
  constructor(url: string, base?: string);
  readonly href: string;
  protocol: string;
  username: string;
  password: string;
  readonly hash: string;
  readonly hostname: string;
}

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

/** Dice that are fit for secrets: every supported runtime has them. */
declare const crypto: { getRandomValues(into: Uint8Array): Uint8Array };

/** Streams, as far as one is made of a source or a sink. What they can do is the platform's to say. */
interface ReadableStream<R> {
  readonly [Symbol.asyncIterator]: () => AsyncIterator<R>;
}
declare const ReadableStream: new <R>(
  source: {
    start(controller: {
      enqueue(chunk: R): void;
      close(): void;
      error(reason: unknown): void;
    }): void;
    pull(controller: {
      enqueue(chunk: R): void;
      close(): void;
      error(reason: unknown): void;
    }): Promise<void>;
    cancel(reason?: unknown): void;
  },
  strategy: { readonly highWaterMark: number },
) => ReadableStream<R>;

interface WritableStream<W> {
  getWriter(): { write(chunk: W): Promise<void> };
}
declare const WritableStream: new <W>(sink: {
  start(controller: { readonly signal?: AbortSignal; error(reason: unknown): void }): void;
  write(chunk: W): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
}) => WritableStream<W>;
