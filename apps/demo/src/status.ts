import type { Phase } from 'jetsocket';
import { button, isEnabled, part, setEnabled, setText } from './dom.js';
import type { DemoEvent, DemoSocket } from './run.js';

/** The state in words, at the top and at the diagram, and the buttons that change it. */
export class Status {
  readonly #pill = part('state', HTMLElement);
  readonly #address = part('address', HTMLElement);
  readonly #note = part('state-note', HTMLElement);
  readonly #announcer = part('announcer', HTMLElement);
  readonly #connect = button('socket-connect');
  readonly #close = button('socket-close');

  /** @param socket The one there is now: another one follows when options change. */
  constructor(socket: () => DemoSocket) {
    this.#connect.addEventListener('click', () => {
      // Why it fails is an event, and events are what this page shows.
      if (isEnabled(this.#connect))
        socket()
          .connect()
          .catch(() => undefined);
    });
    button('socket-reconnect').addEventListener('click', () => socket().reconnect());
    this.#close.addEventListener('click', () => {
      if (isEnabled(this.#close)) void socket().close(1000, 'closed by the visitor');
    });
  }

  show(phase: Phase): void {
    this.#pill.dataset['state'] = phase;
    setText(this.#pill, phase);
    setEnabled(this.#connect, ['idle', 'closed', 'failed'].includes(phase));
    setEnabled(this.#close, ['connecting', 'connected', 'backing_off'].includes(phase));
  }

  showAddress(url: string): void {
    setText(this.#address, new URL(url).host);
    this.#address.title = url;
  }

  tell(event: DemoEvent): void {
    const text = noteOf(event);
    if (text !== undefined) setText(this.#note, text);
    // A screen reader hears where it ended up, not every step on the way.
    if (event.type === 'state_change' && event.to !== 'connecting' && event.to !== 'closing') {
      setText(this.#announcer, `State: ${event.to}, because of ${event.cause}`);
    }
  }
}

function noteOf(event: DemoEvent): string | undefined {
  switch (event.type) {
    case 'connecting':
      return event.attempt === 0 ? 'First attempt' : `Attempt ${event.attempt}`;
    case 'connected':
      return 'Messages flow';
    case 'reconnected':
      return `Back after ${(event.downtime_ms / 1_000).toFixed(1)} s`;
    case 'reconnecting':
      return `Attempt ${event.attempt} in ${event.delay.toFixed(1)} s`;
    case 'closed':
      return `Closed with ${event.code}, ${event.cause}`;
    default:
      return undefined;
  }
}
