/** What is said between the conformance suite in a browser and its servers in Node. */
import type { FrameData } from '@jetsocket/core';

/** Where the suite runs. */
export type Place = 'page' | 'worker' | 'service-worker';

/** What came of one check: why it failed, or null. */
export interface Outcome {
  readonly name: string;
  readonly failure: string | null;
}

/** A server, as the suite is told of it. */
export interface ServerView {
  readonly id: number;
  readonly echoUrl: string;
  readonly silentUrl: string;
  readonly refusedUrl: string;
  /** The status follows. */
  readonly rejectUrlStart: string;
}

/** A control of a server, by the name of its method. */
export type Control =
  | { readonly method: 'send'; readonly data: Wired }
  | { readonly method: 'close'; readonly code: number; readonly reason: string }
  | { readonly method: 'terminate' | 'receivedCount' | 'stop' }
  | { readonly method: 'header'; readonly name: string };

/** A message as JSON. */
export type Wired = { readonly text: string } | { readonly bytes: readonly number[] };

export function toWired(data: FrameData): Wired {
  return typeof data === 'string' ? { text: data } : { bytes: [...data] };
}

export function fromWired(wired: Wired): FrameData {
  return 'text' in wired ? wired.text : Uint8Array.from(wired.bytes);
}
