import type { ErrorView, FaultRequest, NetworkView } from '../shared/protocol.js';

/** A server of this machine answers at once: one that takes this long hangs, or is stopped. */
const ANSWER_MS = 5_000;

/** What the server of the demo refused, or that it does not answer at all. */
export class NetworkError extends Error {
  /** The HTTP status; 0 when no answer came in time. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** This page's private network, as the demo's server knows it. It is asked over HTTP, past its faults. */
export class NetworkApi {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws {NetworkError} */
  static async open(
    rateIn: number,
  ): Promise<{ readonly api: NetworkApi; readonly view: NetworkView }> {
    const view = await ask('POST', 'api/networks', { rateIn });
    return { api: new NetworkApi(`api/networks/${view.id}`), view };
  }

  /**
   * @param run Which client's books to look up.
   * @throws {NetworkError} 404 when nobody asked for a minute, as while the computer slept.
   */
  read(run: string): Promise<NetworkView> {
    return ask('GET', `${this.#path}?run=${run}`);
  }

  fault(request: FaultRequest): Promise<NetworkView> {
    return ask('POST', `${this.#path}/faults`, request);
  }

  setRate(rateIn: number): Promise<NetworkView> {
    return ask('POST', `${this.#path}/rate`, { rateIn });
  }

  /** Says that the page is gone: a request that outlives it. */
  leave(): void {
    void fetch(this.#path, { method: 'DELETE', keepalive: true });
  }
}

async function ask(method: string, path: string, body?: object): Promise<NetworkView> {
  const request = body && {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const signal = AbortSignal.timeout(ANSWER_MS);
  const unanswered = (): never => {
    throw new NetworkError(
      0,
      'The demo’s server does not answer. When it is started again, this page goes on.',
    );
  };
  const init = { method, cache: 'no-store', signal, ...request } as const;
  const response = await fetch(path, init).catch(unanswered);
  const answer = (await response.json().catch(unanswered)) as NetworkView | ErrorView;
  if ('error' in answer) throw new NetworkError(response.status, answer.error);
  return answer;
}
