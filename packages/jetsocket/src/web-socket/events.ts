/** The events of the standard, where a runtime has them, and where it has not: Node had no `CloseEvent` before 23. */

/** How a connection ended. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

type CloseEventClass = new (type: 'close', ending: Ending) => CloseEvent;

/** The runtime's own, if there is one when it is needed. */
export function closeEvent(ending: Ending): CloseEvent {
  const { CloseEvent: Native } = globalThis as { readonly CloseEvent?: CloseEventClass };
  return new (Native ?? ours())('close', ending);
}

let made: CloseEventClass | undefined;

/** Made when first needed: importing this must do nothing, even where there is no `Event`. */
function ours(): CloseEventClass {
  made ??= class CloseEvent extends Event {
    readonly code: number;
    readonly reason: string;
    readonly wasClean: boolean;

    constructor(type: 'close', { code, reason, wasClean }: Ending) {
      super(type);
      this.code = code;
      this.reason = reason;
      this.wasClean = wasClean;
    }

    get [Symbol.toStringTag](): string {
      return 'CloseEvent';
    }
  } as CloseEventClass;
  return made;
}

export function messageEvent(data: string | ArrayBuffer | Blob, origin: string): MessageEvent {
  return new MessageEvent('message', { data, origin });
}

/**
 * The runtime's `EventTarget`. Importing this must do nothing, even where there is none: only making a socket fails
 * there.
 */
export const Target: typeof EventTarget =
  (globalThis as { readonly EventTarget?: typeof EventTarget }).EventTarget ??
  (class {
    constructor() {
      throw new Error('Cannot make a WebSocket: this runtime has no EventTarget');
    }
  } as unknown as typeof EventTarget);
