/**
 * What the cases know of a client, so that `raw.mjs` and `jet.mjs` can take each other's place.
 *
 * @typedef {object} Client
 * @property {(message: unknown) => void} send
 * @property {() => void} close
 *
 * @typedef {object} Play What a case does with one connection.
 * @property {(client: Client) => void} opened
 * @property {(message: any) => void} message
 *
 * @typedef {object} Settings
 * @property {boolean} [text] Messages are strings, passed on as they are; otherwise JSON, decoded and encoded.
 * @property {boolean} [acks] JetSocket keeps what it sent until the server has acknowledged it.
 *
 * @typedef {(url: string, settings: Settings, play: Play, onEnded: (why: string) => void) => Client} Connect
 */
export {};
