/** Those who wait for a predicate. They ask it again whenever something happened, and never poll. */
import { Alarm } from './clock.js';
import { FaultProxyError } from './errors.js';

type Watcher = { readonly look: () => void; readonly giveUp: (error: Error) => void };

export class Watchers {
  readonly #watchers = new Set<Watcher>();

  /** Something happened. */
  wake(): void {
    for (const { look } of this.#watchers) look();
  }

  giveUp(error: Error): void {
    for (const watcher of this.#watchers) watcher.giveUp(error);
  }

  wait(predicate: () => boolean, timeoutMs: number, describe: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        alarm.clear();
        this.#watchers.delete(watcher);
      };
      const giveUp = (error: unknown): void => {
        stop();
        // Passed on as it was thrown, whatever it is.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(error);
      };
      const look = (): void => {
        try {
          if (!predicate()) return;
        } catch (thrown) {
          return giveUp(thrown);
        }
        stop();
        resolve();
      };
      const watcher: Watcher = { look, giveUp };
      const alarm = new Alarm(() => {
        const message = `Cannot wait any longer: it did not happen in ${timeoutMs} ms; ${describe()}`;
        giveUp(new FaultProxyError('TIMEOUT', message));
      });
      alarm.set(timeoutMs);
      this.#watchers.add(watcher);
      look();
    });
  }
}
