import { html, input, part, setText } from './dom.js';
import {
  codeOf,
  complete,
  has,
  MODES,
  NUMBER_NAMES,
  NUMBERS,
  POLICIES,
  type NumberName,
  type Settings,
} from './settings.js';

/** Set while it runs, beside the messages; the others make a new socket. */
const LIVE: Partial<Record<NumberName, string>> = { rateOut: 'rate-out', rateIn: 'rate-in' };

interface Listener {
  /** New options: a new socket. */
  readonly onApply: (settings: Settings) => void;
  /** New rates for the one there is. */
  readonly onRates: (settings: Settings) => void;
}

/** The options of the socket, the rates, and the code that they make. */
export class OptionsForm {
  readonly #form = part('options', HTMLFormElement);
  readonly #mode = part('option-mode', HTMLSelectElement);
  readonly #policy = part('option-policy', HTMLSelectElement);
  readonly #ack = input('option-ack');
  readonly #fill = input('option-fill');
  readonly #promise = part('promise', HTMLElement);
  readonly #code = part('code', HTMLElement);

  constructor(settings: Settings, { onApply, onRates }: Listener) {
    this.#mode.append(...MODES.map(({ mode }) => html('option', { value: mode }, mode)));
    this.#policy.append(...POLICIES.map((policy) => html('option', { value: policy }, policy)));
    this.#mode.value = settings.mode;
    this.#policy.value = settings.policy;
    this.#ack.checked = settings.ack;
    this.#fill.checked = settings.fill;
    for (const name of NUMBER_NAMES) this.#prepare(name, settings);
    this.#mode.addEventListener('change', () => this.#explain());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      onApply(this.read());
    });
    for (const name of Object.values(LIVE)) {
      input(name).addEventListener('change', () => onRates(this.read()));
    }
    this.#explain();
  }

  /** What the form says now. */
  read(): Settings {
    const mode = MODES.find((one) => one.mode === this.#mode.value)?.mode ?? 'full_buffer';
    const policy = POLICIES.find((one) => one === this.#policy.value) ?? 'drop_oldest';
    const choices = { mode, policy, ack: this.#ack.checked, fill: this.#fill.checked };
    return complete(choices, (name) => field(name).value);
  }

  showCode(settings: Settings, url: string): void {
    setText(this.#code, codeOf(settings, url));
  }

  #prepare(name: NumberName, settings: Settings): void {
    const { least, most } = NUMBERS[name];
    const element = field(name);
    element.min = String(least);
    element.max = String(most);
    element.inputMode = 'numeric';
    element.required = true;
    element.value = String(settings[name]);
  }

  #explain(): void {
    const { mode = 'full_buffer', promise = '' } =
      MODES.find((one) => one.mode === this.#mode.value) ?? {};
    setText(this.#promise, promise);
    this.#ack.disabled = !has(mode, 'ack');
    this.#fill.disabled = !has(mode, 'fill');
  }
}

function field(name: NumberName): HTMLInputElement {
  return input(LIVE[name] ?? `option-${name}`);
}
