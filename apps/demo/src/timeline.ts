import type { EventName } from 'jetsocket';
import { button, html, part, setText } from './dom.js';
import { EVENT_NAMES, fieldsOf, shorten, timeOf, toPlain, TONES } from './fields.js';
import type { DemoEvent } from './run.js';

/** Rows on the page, and records kept of each kind: a flood of one cannot push out another. */
const MAX_ROWS = 500;

/** What comes all the time is counted, and shown on request. */
const HIDDEN_AT_FIRST: readonly EventName[] = ['message', 'ping', 'pong'];

interface Kept {
  readonly index: number;
  readonly event: DemoEvent;
}

/** The list of events, newest first, with a filter and a pause that does not stop collecting. */
export class Timeline {
  readonly #list = part('timeline', HTMLOListElement);
  readonly #note = part('timeline-note', HTMLElement);
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
    part('filters', HTMLElement).append(...[...this.#kinds.values()].map((kind) => kind.chip));
    this.#pause.addEventListener('click', () => this.#togglePause());
    button('timeline-clear').addEventListener('click', () => this.#clear());
    this.#copy.addEventListener('click', () => void this.#copyShown());
    this.#renderAll();
  }

  add(event: DemoEvent): void {
    const kept = { index: ++this.#count, event };
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
      { type: 'button', class: 'chip', 'data-testid': `filter-${name}`, 'data-tone': TONES[name] },
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
    if (this.#count > this.#counted) flash(this.#number);
    this.#counted = this.#count;
    setText(this.#number, String(this.#count));
  }
}

function flash(element: Element): void {
  for (const animation of element.getAnimations()) animation.cancel();
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  element.animate([{ opacity: 0.25 }, { opacity: 1 }], { duration: 400 });
}

function rowOf({ event }: Kept): HTMLLIElement {
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
    html('span', { class: 'fields' }, ...fields),
  );
}
