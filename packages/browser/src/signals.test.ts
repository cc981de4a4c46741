import { describe, expect, it } from 'vitest';
import { browserSignals } from './index.js';

/** A target that knows how many listen. */
class Target extends EventTarget {
  readonly types: string[] = [];

  override addEventListener(...given: Parameters<EventTarget['addEventListener']>): void {
    this.types.push(given[0]);
    super.addEventListener(...given);
  }

  override removeEventListener(...given: Parameters<EventTarget['removeEventListener']>): void {
    this.types.splice(this.types.indexOf(given[0]), 1);
    super.removeEventListener(...given);
  }
}

function page(state: { onLine?: boolean; visibilityState?: string } = {}): {
  readonly window: Target;
  readonly document: Target & { visibilityState: string };
  readonly scope: object;
} {
  const document = Object.assign(new Target(), {
    visibilityState: state.visibilityState ?? 'visible',
  });
  const navigator = { onLine: state.onLine ?? true };
  const window = Object.assign(new Target(), { document, navigator });
  return { window, document, scope: window };
}

/** Listens, and keeps what was reported. */
function listening(scope: object): { readonly heard: string[]; readonly stop: () => void } {
  const heard: string[] = [];
  const stop = browserSignals(() => scope).listen((signal) => void heard.push(signal));
  return { heard, stop };
}

const shown = (persisted: boolean): Event => Object.assign(new Event('pageshow'), { persisted });

describe('browserSignals()', () => {
  it('listens to nothing before it is told to, and to nothing afterwards', () => {
    const { window, document, scope } = page();
    const signals = browserSignals(() => scope);
    expect([window.types, document.types]).toEqual([[], []]);
    const stop = signals.listen(() => undefined);
    expect(window.types).toEqual(['online', 'offline', 'pagehide', 'pageshow']);
    expect(document.types).toEqual(['visibilitychange', 'freeze', 'resume']);
    stop();
    expect([window.types, document.types]).toEqual([[], []]);
  });

  it('reports what happens', () => {
    const { window, document, scope } = page();
    const { heard, stop } = listening(scope);
    window.dispatchEvent(new Event('offline'));
    window.dispatchEvent(new Event('online'));
    document.visibilityState = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
    document.dispatchEvent(new Event('freeze'));
    document.dispatchEvent(new Event('resume'));
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    const all = ['offline', 'online', 'hidden', 'frozen', 'resumed', 'visible'];
    expect(heard).toEqual(all);
    stop();
    window.dispatchEvent(new Event('online'));
    expect(heard).toEqual(all);
  });

  it('reports a page that is left and comes back, and not one that is loaded', () => {
    const { window, scope } = page();
    const { heard } = listening(scope);
    window.dispatchEvent(shown(false));
    expect(heard).toEqual([]);
    window.dispatchEvent(new Event('pagehide'));
    window.dispatchEvent(shown(false));
    window.dispatchEvent(shown(false));
    // A page that was stored before anybody listened.
    window.dispatchEvent(shown(true));
    expect(heard).toEqual(['stored', 'restored', 'restored']);
  });

  it('reports at once what is not as usual', () => {
    const { scope } = page({ onLine: false, visibilityState: 'hidden' });
    expect(listening(scope).heard).toEqual(['offline', 'hidden']);
  });

  it('listens in a worker, which has no document', () => {
    const worker = Object.assign(new Target(), { navigator: { onLine: true } });
    const { heard } = listening(worker);
    worker.dispatchEvent(new Event('online'));
    expect(heard).toEqual(['online']);
  });

  it('does nothing where there is nothing to listen to', () => {
    const { heard, stop } = listening({});
    stop();
    expect(heard).toEqual([]);
    browserSignals().listen(() => undefined)();
  });
});
