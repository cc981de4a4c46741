import type { Signal, Signals } from '@jetsocket/core';

/** What is used of `window`, `document` and the global scope of workers. Any of it may be missing. */
interface Target {
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  removeEventListener(type: string, listener: (event: PageEvent) => void): void;
}

interface PageEvent {
  readonly persisted?: boolean | undefined;
}

interface Scope extends Partial<Target> {
  readonly document?: Partial<Target> & { readonly visibilityState?: string | undefined };
  readonly navigator?: { readonly onLine?: boolean | undefined };
}

/**
 * What a page or a worker tells of network, visibility, freezing and the back/forward cache. Nothing is listened to
 * before `listen` is called, and where there is no such event, as on a server that renders pages, nothing at all.
 *
 * `unload` and `beforeunload` are never among them: listening to those alone keeps a page out of the cache.
 *
 * @param scope Looked up when a life begins. Default: the global one.
 */
export function browserSignals(scope: () => object = () => globalThis): Signals {
  return { listen: (report) => new Listeners(scope(), report).stop };
}

class Listeners {
  readonly #added: (() => void)[] = [];

  constructor(scope: Scope, report: (signal: Signal) => void) {
    const { document } = scope;
    this.#add(scope, 'online', () => report('online'));
    this.#add(scope, 'offline', () => report('offline'));
    this.#add(document, 'visibilitychange', () => {
      report(document?.visibilityState === 'hidden' ? 'hidden' : 'visible');
    });
    this.#add(document, 'freeze', () => report('frozen'));
    this.#add(document, 'resume', () => report('resumed'));
    // Workers have no such events; a page in the cache freezes them.
    let isStored = false;
    this.#add(scope, 'pagehide', () => {
      // Not only when `persisted` is set: some browsers decide afterwards, by whether a socket is open.
      isStored = true;
      report('stored');
    });
    this.#add(scope, 'pageshow', ({ persisted }) => {
      // Every page is shown once when it is loaded. That is no return.
      if (isStored || persisted === true) report('restored');
      isStored = false;
    });
    if (scope.navigator?.onLine === false) report('offline');
    if (document?.visibilityState === 'hidden') report('hidden');
  }

  readonly stop = (): void => {
    for (const remove of this.#added.splice(0)) remove();
  };

  #add(
    target: Partial<Target> | undefined,
    type: string,
    listener: (event: PageEvent) => void,
  ): void {
    if (target?.addEventListener === undefined) return;
    target.addEventListener(type, listener);
    this.#added.push(() => target.removeEventListener?.(type, listener));
  }
}
