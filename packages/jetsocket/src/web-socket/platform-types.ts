/**
 * Types of the DOM's, so that a program compiles without them: where they are loaded these are the same, else what the
 * standard says of them. Node's own types have some of them only since version 22.
 */

/** What `close` tells. */
export type CloseEventLike = typeof globalThis extends {
  CloseEvent: { prototype: infer Native extends Event };
}
  ? Native
  : Event & { readonly code: number; readonly reason: string; readonly wasClean: boolean };

/** The events of a WebSocket: name → what a listener is told. */
export interface WebSocketEvents {
  /** There is a connection. */
  readonly open: Event;
  /** A message came. */
  readonly message: MessageEvent;
  /** It could not be made, or broke. */
  readonly error: Event;
  /** It is over. */
  readonly close: CloseEventLike;
}

/** A function, or an object with a method `handleEvent`. */
export type EventListenerLike = ((event: Event) => void) | { handleEvent(event: Event): void };

/** How a listener is told from others of the same function. */
export interface RemoveOptions {
  /** Whether it hears on the way down. Default: false. */
  capture?: boolean;
}

/** How a listener is added. */
export interface AddOptions extends RemoveOptions {
  /** Removes it after the first event. Default: false. */
  once?: boolean;
  /** Whether it never calls `preventDefault`. Default: false. */
  passive?: boolean;
  /** Removes it when aborted. */
  signal?: AbortSignal;
}
