import {
  type FaultRequest,
  isSendable,
  type LastingFault,
  MAX_REASON_BYTES,
  type NetworkView,
} from '../shared/protocol.js';
import { button, input, isEnabled, part, setEnabled, setText } from './dom.js';

/** What is told while a fault lasts. */
const TOLD: Readonly<Record<LastingFault, readonly [title: string, note: string]>> = {
  hang: ['Hanging', 'Connections stay open and carry nothing.'],
  slow: ['Slow', 'Everything takes 400 ms longer, each way.'],
  refuse: ['Refusing', 'Nobody listens: every attempt fails at once.'],
  restart: ['Restarting', 'The server is gone, and back in a moment.'],
  reject: ['Rejecting', 'Every handshake is answered with HTTP 401.'],
  storm: ['Storm', 'Five times a second: a reset, half a frame, a black hole or a standstill.'],
};

const HEALTHY = ['Healthy', 'Nothing is broken.'] as const;
const OUT_OF_REACH = [
  'Out of reach',
  'The demo’s server does not answer: what is broken cannot be told, nor changed.',
] as const;

const KINDS = ['cut', 'hang', 'slow', 'refuse', 'restart', 'reject', 'storm', 'restore'] as const;

/** The buttons that break the network, and what is broken now. */
export class Faults {
  readonly #panel = part('fault-panel', HTMLElement);
  readonly #status = part('fault-status', HTMLElement);
  readonly #note = part('fault-note', HTMLElement);
  readonly #restore = button('fault-restore');
  readonly #close = button('fault-close');
  readonly #code = input('close-code');
  readonly #reason = input('close-reason');

  constructor(apply: (request: FaultRequest) => void) {
    for (const kind of KINDS) {
      const element = button(`fault-${kind}`);
      element.addEventListener('click', () => {
        if (isEnabled(element)) apply({ kind });
      });
    }
    part('close-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (!isEnabled(this.#close)) return;
      apply({ kind: 'close', code: this.#code.valueAsNumber, reason: this.#reason.value });
    });
    for (const element of [this.#code, this.#reason]) {
      element.addEventListener('input', () => this.#check());
    }
    this.render(null);
  }

  /** The browser says so before the server has to. */
  #check(): void {
    this.#code.setCustomValidity(
      isSendable(this.#code.valueAsNumber)
        ? ''
        : 'A close frame carries 1000 to 1014, but not 1004 to 1006, or 3000 to 4999.',
    );
    const bytes = new TextEncoder().encode(this.#reason.value).length;
    this.#reason.setCustomValidity(
      bytes <= MAX_REASON_BYTES ? '' : `A close frame has room for ${MAX_REASON_BYTES} bytes.`,
    );
  }

  render(fault: NetworkView['fault']): void {
    this.#show(fault ?? 'none', fault === null ? HEALTHY : TOLD[fault]);
    for (const kind of KINDS) setEnabled(button(`fault-${kind}`), true);
    setEnabled(this.#restore, fault !== null);
    setEnabled(this.#close, true);
  }

  /** Nobody knows: the server that has the network does not answer. */
  renderOutOfReach(): void {
    this.#show('unknown', OUT_OF_REACH);
    for (const kind of KINDS) setEnabled(button(`fault-${kind}`), false);
    setEnabled(this.#close, false);
  }

  #show(fault: LastingFault | 'none' | 'unknown', [title, note]: readonly [string, string]): void {
    this.#panel.dataset['fault'] = fault;
    setText(this.#status, title);
    setText(this.#note, note);
    for (const lasting of Object.keys(TOLD)) {
      button(`fault-${lasting}`).setAttribute('aria-pressed', String(lasting === fault));
    }
  }
}
