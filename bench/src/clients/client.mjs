/**
 * What the cases know of a client, so that each of them can take the other's place.
 *
 * @typedef {object} Client
 * @property {(message: any) => void} send
 * @property {() => void} close
 *
 * @typedef {object} Play What a case does with one connection.
 * @property {(client: Client) => void} opened
 * @property {(message: any) => void} message
 *
 * @typedef {'json' | 'text' | 'binary'} Form What a handler gets, and what is sent: an object, a string or bytes.
 *
 * @typedef {object} Settings
 * @property {Form} form
 * @property {number} [heartbeatMs] How often to ask whether the other end is there, if at all.
 * @property {boolean} [acks] JetSocket keeps what it sent until the application's server has acknowledged it.
 *
 * @typedef {(url: string, settings: Settings, play: Play, onEnded: (why: string) => void) => Client} Connect
 *
 * @typedef {object} Kind
 * @property {string} title
 * @property {string} version
 * @property {'plain' | 'session' | 'socket.io'} wire What the server has to speak.
 * @property {Connect} connect
 */
export {};
