import type { FaultRequest, LastingFault, NetworkView } from '../shared/protocol.js';
import { button, input, isEnabled, part, setEnabled, setText } from './dom.js';

/** What is told while a fault lasts. */
const TOLD: Readonly<Record<LastingFault, readonly [title: string, note: string]>> = {
  hang: ['Hanging', 'Connections stay open and carry nothing. Only the heartbeat can tell.'],
  slow: ['Slow', 'Everything takes 400 ms longer, each way.'],
  refuse: ['Refusing', 'Nobody listens: every attempt fails at once.'],
  restart: ['Restarting', 'The server is gone, and back in a moment.'],
  reject: [
    'Rejecting',
    'Every handshake is answered with HTTP 401, which a browser tells no page.',
  ],
};

const KINDS = ['cut', 'hang', 'slow', 'refuse', 'restart', 'reject', 'restore'] as const;

/** The buttons that break the network, and what is broken now. */
export class Faults {
  readonly #panel = part('fault-panel', HTMLElement);
  readonly #status = part('fault-status', HTMLElement);
  readonly #note = part('fault-note', HTMLElement);
  readonly #restore = button('fault-restore');

  constructor(apply: (request: FaultRequest) => void) {
    for (const kind of KINDS) {
      const element = button(`fault-${kind}`);
      element.addEventListener('click', () => {
        if (isEnabled(element)) apply({ kind });
      });
    }
    part('close-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const code = input('close-code').valueAsNumber;
      apply({ kind: 'close', code, reason: input('close-reason').value });
    });
    this.render(null);
  }

  render(fault: NetworkView['fault']): void {
    const [title, note] = fault === null ? ['Healthy', 'Nothing is broken.'] : TOLD[fault];
    this.#panel.dataset['fault'] = fault ?? 'none';
    setText(this.#status, title);
    setText(this.#note, note);
    setEnabled(this.#restore, fault !== null);
    for (const lasting of Object.keys(TOLD)) {
      button(`fault-${lasting}`).setAttribute('aria-pressed', String(lasting === fault));
    }
  }
}
