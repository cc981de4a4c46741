import type { EventName } from 'jetsocket';
import { button, html, part, setText } from './dom.js';
import { CONTRACT, EVENT_NAMES, fieldsOf, shorten, timeOf, toPlain, TONES } from './fields.js';
import type { DemoEvent } from './run.js';

/** Rows on the page, and records kept of each kind: a flood of one cannot push out another. */
const MAX_ROWS = 500;

/** What comes all the time is counted, and shown on request. */
const HIDDEN_AT_FIRST: readonly EventName[] = ['message', 'ping', 'pong'];

interface Kept {
  readonly index: number;
  readonly event: DemoEvent;
  /** Of a socket that another has replaced. */
  readonly isLate: boolean;
}

/** The list of events, newest first, with a filter and a pause that does not stop collecting. */
export class Timeline {
  readonly #list = part('timeline', HTMLOListElement);
  readonly #note = part('timeline-note', HTMLElement);
  readonly #seen = part('timeline-seen', HTMLElement);
  readonly #pause = button('timeline-pause');
  readonly #copy = button('timeline-copy');
  readonly #kinds = new Map<EventName, Kind>();
  #pending: Kept[] = [];
  #count = 0;
  #paused = false;
  #isDue = false;

  constructor() {
    for (const name of EVENT_NAMES) {
      const kind = new Kind(name, !HIDDEN_AT_FIRST.includes(name), () => this.#renderAll());
      this.#kinds.set(name, kind);
    }
    const chips = [...this.#kinds.values()].map((kind) => kind.chip);
    const also = html('span', { class: 'also' }, 'and');
    part('filters', HTMLElement).append(...chips);
    chips[CONTRACT.length - 1]?.after(also);
    this.#pause.addEventListener('click', () => this.#togglePause());
    button('timeline-clear').addEventListener('click', () => this.#clear());
    this.#copy.addEventListener('click', () => void this.#copyShown());
    this.#renderAll();
  }

  /** @param isLate Whether it is of a socket that another has replaced. */
  add(event: DemoEvent, isLate = false): void {
    const kept = { index: ++this.#count, event, isLate };
    const kind = this.#kinds.get(event.type);
    kind?.add(kept);
    if (kind?.isShown === true) {
      this.#pending.push(kept);
      if (this.#pending.length > MAX_ROWS * 2) this.#pending = this.#pending.slice(-MAX_ROWS);
    }
    // However many come: once a frame is as often as anybody can see.
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => this.#render());
  }

  #render(): void {
    this.#isDue = false;
    for (const kind of this.#kinds.values()) kind.render();
    if (!this.#paused && this.#pending.length > 0) {
      const rows = this.#pending.slice(-MAX_ROWS).reverse().map(rowOf);
      this.#pending = [];
      this.#list.prepend(...rows);
      while (this.#list.children.length > MAX_ROWS) this.#list.lastElementChild?.remove();
    }
    this.#tell();
  }

  #renderAll(): void {
    this.#pending = [];
    this.#list.replaceChildren(...this.#shown().map(rowOf));
    this.#tell();
  }

  #tell(): void {
    const rows = this.#list.children.length;
    const waiting = this.#pending.length;
    setText(
      this.#note,
      this.#paused ? `Paused, ${waiting} more` : `${rows} shown of ${this.#count}`,
    );
    const seen = CONTRACT.filter((name) => this.#kinds.get(name)?.wasSeen).length;
    setText(this.#seen, `${seen} of the ${CONTRACT.length} seen`);
  }

  #shown(): readonly Kept[] {
    return [...this.#kinds.values()]
      .flatMap((kind) => (kind.isShown ? kind.kept : []))
      .sort((one, other) => other.index - one.index)
      .slice(0, MAX_ROWS);
  }

  #togglePause(): void {
    this.#paused = !this.#paused;
    this.#pause.setAttribute('aria-pressed', String(this.#paused));
    setText(this.#pause, this.#paused ? 'Resume' : 'Pause');
    if (this.#paused) this.#tell();
    else this.#renderAll();
  }

  #clear(): void {
    for (const kind of this.#kinds.values()) kind.clear();
    this.#count = 0;
    this.#renderAll();
  }

  async #copyShown(): Promise<void> {
    const events = [...this.#shown()].reverse().map(({ event }) => toPlain(event));
    const done = await navigator.clipboard.writeText(JSON.stringify(events, null, 2)).then(
      () => 'Copied',
      () => 'Not allowed',
    );
    setText(this.#copy, done);
    setTimeout(() => setText(this.#copy, 'Copy JSON'), 1_500);
  }
}

/** One kind of event: its records, and its chip in the filter. */
class Kind {
  readonly chip: HTMLButtonElement;
  readonly #number = html('b', {}, '0');
  #kept: Kept[] = [];
  #count = 0;
  #counted = 0;
  #isShown: boolean;

  constructor(name: EventName, isShown: boolean, onToggle: () => void) {
    this.#isShown = isShown;
    this.chip = html(
      'button',
      {
        type: 'button',
        class: 'chip is-unseen',
        'data-testid': `filter-${name}`,
        'data-tone': TONES[name],
      },
      name,
      ' ',
      this.#number,
    );
    this.chip.setAttribute('aria-pressed', String(isShown));
    this.chip.addEventListener('click', () => {
      this.#isShown = !this.#isShown;
      this.chip.setAttribute('aria-pressed', String(this.#isShown));
      onToggle();
    });
  }

  get isShown(): boolean {
    return this.#isShown;
  }

  get wasSeen(): boolean {
    return this.#count > 0;
  }

  get kept(): readonly Kept[] {
    return this.#kept;
  }

  add(kept: Kept): void {
    this.#count++;
    this.#kept.push(kept);
    if (this.#kept.length > MAX_ROWS * 2) this.#kept = this.#kept.slice(-MAX_ROWS);
  }

  clear(): void {
    this.#kept = [];
    this.#count = 0;
    this.render();
  }

  /** Shows the count, and that it grew: also of what the filter hides. */
  render(): void {
    if (this.#counted === this.#count) return;
    if (this.#count > this.#counted) flash(this.chip);
    this.#counted = this.#count;
    setText(this.#number, String(this.#count));
    this.chip.classList.toggle('is-unseen', !this.wasSeen);
  }
}

/** A ring that fades: what is read stays readable, however often it grows. */
function flash(element: Element): void {
  const isLit = element.getAnimations().length > 0;
  if (isLit || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const rings = ['0 0 0 2px var(--tone)', '0 0 0 2px transparent'];
  element.animate({ boxShadow: rings }, { duration: 600, easing: 'ease-in' });
}

function rowOf({ event, isLate }: Kept): HTMLLIElement {
  const fields = fieldsOf(event).map(([name, text]) => {
    const shown = shorten(name, text);
    const title = shown === text ? {} : { title: text };
    return html('span', { class: 'field', ...title }, html('i', {}, name), ` ${shown}`);
  });
  return html(
    'li',
    { 'data-testid': 'event-row', 'data-type': event.type, 'data-tone': TONES[event.type] },
    html('time', {}, timeOf(event)),
    html('strong', {}, event.type),
    html('span', { class: 'fields' }, ...fields, ...(isLate ? [late()] : [])),
  );
}

/** After `Apply`, the socket before says its last words while the next one connects. */
function late(): HTMLElement {
  return html('span', { class: 'late' }, 'of the socket before');
}
