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
