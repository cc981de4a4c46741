/** The page: one network, one socket at a time, and everything that shows them. */
import type { FaultRequest, NetworkView } from '../shared/protocol.js';
import { Counters } from './counters.js';
import { Diagram } from './diagram.js';
import { button, part, setText } from './dom.js';
import { Faults } from './faults.js';
import { Latency } from './latency.js';
import { NetworkApi, NetworkError } from './network-api.js';
import { OptionsForm } from './options-form.js';
import { type DemoEvent, type DemoSocket, Run } from './run.js';
import { type Settings, toQuery } from './settings.js';
import { Status } from './status.js';
import { Timeline } from './timeline.js';

/** What scripts and tests may look at: the socket of now, and the events of all so far. */
interface Hook {
  readonly socket: DemoSocket;
  readonly events: readonly DemoEvent[];
  /** Which socket an event is of: the name that the server knows it by. */
  readonly runOf: (event: DemoEvent) => string | undefined;
  /** How often the page has compared its numbers with the server's. */
  readonly comparisons: () => number;
}

declare global {
  interface Window {
    jetsocketDemo?: Hook;
  }
}

const MAX_EVENTS = 10_000;
const BURST = 100;
const RENDER_MS = 100;
const POLL_MS = 400;

export class Page {
  readonly #events: DemoEvent[] = [];
  readonly #runs = new WeakMap<DemoEvent, string>();
  readonly #timeline = new Timeline();
  readonly #diagram = new Diagram();
  readonly #latency = new Latency();
  readonly #counters = new Counters();
  readonly #status = new Status(() => this.#run.socket);
  readonly #faults = new Faults((request) => void this.#break(request));
  readonly #form: OptionsForm;
  #api: NetworkApi;
  #networkUrl: string;
  #settings: Settings;
  #run: Run;
  #isOutOfReach = false;
  #comparisons = 0;

  constructor(api: NetworkApi, view: NetworkView, settings: Settings) {
    this.#api = api;
    this.#networkUrl = view.url;
    this.#settings = settings;
    this.#run = this.#newRun();
    this.#form = new OptionsForm(settings, {
      onApply: (next) => this.#startOver(next),
      onRates: (next) => this.#setRates(next),
    });
    button('send-one').addEventListener('click', () => this.#run.send());
    button('send-burst').addEventListener('click', () => {
      for (let count = 0; count < BURST; count++) this.#run.send();
    });
  }

  begin(): void {
    this.#present();
    this.#connect();
    setInterval(() => this.#counters.render(this.#run, this.#settings), RENDER_MS);
    void this.#poll();
    addEventListener('pagehide', (event) => {
      // A page that may come back from the browser's cache keeps its network for as long as the server does.
      if (!event.persisted) this.#api.leave();
    });
  }

  #newRun(): Run {
    const run: Run = new Run(this.#networkUrl, this.#settings, (event) => this.#show(event, run));
    window.jetsocketDemo = {
      socket: run.socket,
      events: this.#events,
      runOf: (event) => this.#runs.get(event),
      comparisons: () => this.#comparisons,
    };
    return run;
  }

  /** Shows the socket there is now, before anything has happened to it. */
  #present(): void {
    this.#diagram.reset();
    this.#status.show(this.#run.socket.state);
    this.#status.showAddress(this.#run.url);
    this.#form.showCode(this.#settings, this.#run.url);
  }

  #connect(): void {
    this.#run.socket.connect().catch(() => undefined);
  }

  #startOver(settings: Settings): void {
    this.#settings = settings;
    history.replaceState(null, '', `?${toQuery(settings)}`);
    this.#replaceRun();
    void this.#api.setRate(settings.rateIn).catch(showBanner);
    this.#connect();
  }

  #replaceRun(): void {
    this.#run.end();
    this.#latency.clear();
    this.#run = this.#newRun();
    this.#present();
  }

  #setRates({ rateOut, rateIn }: Settings): void {
    this.#settings = { ...this.#settings, rateOut, rateIn };
    history.replaceState(null, '', `?${toQuery(this.#settings)}`);
    this.#run.rate = rateOut;
    void this.#api.setRate(rateIn).catch(showBanner);
  }

  #show(event: DemoEvent, run: Run): void {
    this.#events.push(event);
    this.#runs.set(event, run.id);
    if (this.#events.length > MAX_EVENTS) this.#events.shift();
    // The last words of a socket that was replaced: heard, but no longer the state of things.
    const isLate = run !== this.#run;
    this.#timeline.add(event, isLate);
    if (isLate) return;
    this.#status.tell(event);
    if (event.type === 'pong') this.#latency.add(event.latency_ms);
    if (event.type === 'reconnecting') this.#diagram.startCountdown(event.delay);
    if (event.type === 'state_change') {
      this.#diagram.take(event.from, event.to, event.cause);
      this.#status.show(event.to);
    }
  }

  async #break(request: FaultRequest): Promise<void> {
    try {
      this.#faults.render((await this.#api.fault(request)).fault);
      hideBanner();
    } catch (error) {
      showBanner(error);
    }
  }

  /** Compares with the server's books, again and again. */
  async #poll(): Promise<void> {
    const run = this.#run;
    const look = run.outgoing.look();
    try {
      const view = await this.#api.read(run.id);
      run.compare(view, look);
      this.#comparisons++;
      this.#faults.render(view.fault);
      // What else the banner says is not answered by this.
      if (this.#isOutOfReach) hideBanner();
      this.#isOutOfReach = false;
    } catch (error) {
      if (error instanceof NetworkError && error.status === 404) await this.#beginAnew();
      else this.#loseReach(error);
    }
    setTimeout(() => void this.#poll(), POLL_MS);
  }

  #loseReach(error: unknown): void {
    this.#isOutOfReach = true;
    this.#faults.renderOutOfReach();
    showBanner(error);
  }

  /** Another server has been started, or this one heard nothing for a minute: the network and its books are gone. */
  async #beginAnew(): Promise<void> {
    const opened = await NetworkApi.open(this.#settings.rateIn).catch((error: unknown) => {
      this.#loseReach(error);
    });
    if (opened === undefined) return;
    const { api, view } = opened;
    this.#api = api;
    this.#networkUrl = view.url;
    // What the visitor or the server has ended stays so.
    const wasEnded = ['idle', 'closed', 'failed'].includes(this.#run.socket.state);
    this.#replaceRun();
    if (!wasEnded) this.#connect();
    this.#isOutOfReach = false;
    this.#faults.render(view.fault);
    showBanner('The demo’s server had forgotten this page: it began anew, and so do all numbers.');
  }
}

/** Says what is wrong with the page itself. */
export function showBanner(error: unknown): void {
  const banner = part('banner', HTMLElement);
  banner.hidden = false;
  setText(banner, error instanceof Error ? error.message : String(error));
}

function hideBanner(): void {
  part('banner', HTMLElement).hidden = true;
}
