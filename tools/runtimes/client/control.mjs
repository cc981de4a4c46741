/** Asks the other process, which has the servers and the network, for what only it can do. */
export class Control {
  #url;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /**
   * @param {string} name
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  async call(name, ...args) {
    const body = JSON.stringify({ name, args });
    const response = await fetch(this.#url, { method: 'POST', body });
    const { value, error } = /** @type {any} */ (await response.json());
    if (error !== undefined) throw new Error(`${name}: ${error}`);
    return value;
  }

  /** A server for one check of the conformance suite. */
  async conformanceServer() {
    const { id, ...urls } = await this.call('conformance.start');
    const ask = (/** @type {string} */ name, /** @type {unknown[]} */ ...args) =>
      this.call(`conformance.${name}`, id, ...args);
    return {
      ...urls,
      rejectUrl: (/** @type {number} */ status) => `${urls.echoUrl}reject/${status}`,
      send: (/** @type {string | Uint8Array} */ data) =>
        ask('send', typeof data === 'string' ? data : [...data]),
      close: (/** @type {number} */ code, /** @type {string} */ reason) =>
        ask('close', code, reason),
      terminate: () => ask('terminate'),
      receivedCount: () => ask('receivedCount'),
      header: async (/** @type {string} */ name) => (await ask('header', name)) ?? undefined,
      stop: () => ask('stop'),
    };
  }
}
