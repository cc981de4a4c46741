import type { FrameData, Link, LinkClosed, LinkListener, OpenRequest } from '@jetsocket/core';
import type { ConformanceServer, ConformanceSubject } from './subject.js';

/** How many pauses anything may take: at 5 ms each, 10 seconds. */
const MAX_PAUSES = 2_000;

/** How many pauses show that nothing more comes. */
const QUIET_PAUSES = 20;

/** A link, and all that was reported of it. */
export interface Tried {
  readonly link: Link;
  readonly heard: Heard;
}

/** A listener that writes down what it hears, and objects to what must never be. */
export class Heard implements LinkListener {
  /** The names of the calls, in order. */
  readonly calls: string[] = [];
  readonly messages: FrameData[] = [];
  readonly pongs: (string | null)[] = [];
  protocol: string | undefined;
  closed: LinkClosed | undefined;
  /** What no transport may do, and this one did. */
  readonly faults: string[] = [];
  mayTalk: boolean = false;

  onOpen(protocol: string): void {
    this.#note('onOpen');
    if (this.protocol !== undefined) this.faults.push('onOpen came twice');
    this.protocol = protocol;
  }

  onMessage(data: FrameData): void {
    this.#note('onMessage');
    if (this.protocol === undefined) this.faults.push('onMessage came before onOpen');
    this.messages.push(data);
  }

  onPong(payload: string | null): void {
    this.#note('onPong');
    this.pongs.push(payload);
  }

  onClose(closed: LinkClosed): void {
    this.#note('onClose');
    this.closed = closed;
  }

  #note(call: string): void {
    if (!this.mayTalk) this.faults.push(`${call} came before open() returned`);
    if (this.closed !== undefined) this.faults.push(`${call} came after onClose`);
    this.calls.push(call);
  }
}

/** Where one check is made: a transport, a server, and patience. */
export class Bench {
  readonly subject: ConformanceSubject;
  readonly server: ConformanceServer;
  readonly #tried: Tried[] = [];

  constructor(subject: ConformanceSubject, server: ConformanceServer) {
    this.subject = subject;
    this.server = server;
  }

  /** Begins to open a link. */
  try(url: string, request: Partial<OpenRequest> = {}): Tried {
    const heard = new Heard();
    const whole = { url, protocols: [], headers: {}, maxMessageBytes: 4 * 1024 * 1024, ...request };
    const link = this.subject.transport.open(whole, heard);
    heard.mayTalk = true;
    const tried = { link, heard };
    this.#tried.push(tried);
    return tried;
  }

  /** Opens a link to the server's echo, and waits until it is open. */
  async open(request: Partial<OpenRequest> = {}): Promise<Tried> {
    const tried = this.try(this.server.echoUrl, request);
    await this.until(
      'onOpen',
      () => tried.heard.protocol !== undefined || tried.heard.closed !== undefined,
    );
    if (tried.heard.protocol === undefined) throw new Error('The echo server was not reached');
    return tried;
  }

  /** Waits for what was reported as the end. */
  async end({ heard }: Tried): Promise<LinkClosed> {
    await this.until('onClose', () => heard.closed !== undefined);
    if (heard.closed === undefined) throw new Error('onClose did not come');
    return heard.closed;
  }

  /** @throws {Error} When it does not become true. */
  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let pauses = 0; !(await isSo()); pauses++) {
      if (pauses === MAX_PAUSES) throw new Error(`${what} did not come`);
      await this.#pause();
    }
  }

  /** Waits long enough for whatever might still come. */
  async quiet(): Promise<void> {
    for (let pauses = 0; pauses < QUIET_PAUSES; pauses++) await this.#pause();
  }

  /** Lets go of everything. @throws {Error} When a link did, at any time, what none may do. */
  async finish(): Promise<void> {
    for (const { link } of this.#tried) link.abandon();
    await this.server.stop();
    const faults = this.#tried.flatMap(({ heard }) => heard.faults);
    if (faults.length > 0) throw new Error(faults.join('; '));
  }

  async #pause(): Promise<void> {
    if (this.subject.pause !== undefined) return this.subject.pause();
    return new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
