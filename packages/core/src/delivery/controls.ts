/** The control frames of `jetsocket.v1`, and the only way in for them: nothing else looks at a peer's JSON. */
import { MAX_SEQ } from './frames.js';

/** The client's first frame on every socket. */
export interface Hello {
  readonly type: 'hello';
  /** The session, named by the client: 128 random bits. */
  readonly sid: string;
  /** Whether the client was ever welcomed in this session. */
  readonly isKnown: boolean;
  /** Rises with every hello of this client: a smaller one is stale. */
  readonly n: number;
  /** The highest number that the client has accepted. */
  readonly rx: number;
  /** The highest number that it has given. */
  readonly hi: number;
  /** How many messages may be on their way to it beyond the last one it acknowledged. */
  readonly win: number;
  /** The largest message that it takes, in bytes; undefined where it does not say. */
  readonly max?: number | undefined;
  /** What the server told it to bring along. */
  readonly tok?: string | undefined;
  /** The client's session before this one, until this one is welcomed. */
  readonly was?: string | undefined;
}

/** The server's answer: the session goes on, or begins. */
export interface Welcome {
  readonly type: 'welcome';
  /** Names the session. */
  readonly sid: string;
  /** The highest number that the server has taken in of ours. */
  readonly rx: number;
  /** The highest number that the server has given. */
  readonly hi: number;
  /** How long the session outlives a connection, in seconds. */
  readonly ttl: number;
  /** How many messages may be sent beyond the last one acknowledged. */
  readonly win: number;
  /** The largest message that the server takes, in bytes; undefined where it does not say. */
  readonly max?: number | undefined;
  /** What the client has to bring along next time, if the server wants that. */
  readonly tok?: string | undefined;
}

/** Why a session cannot go on. */
export type GoneReason = 'expired' | 'unknown' | 'regressed' | 'fenced' | 'ended';

/** The server's other answer: it cannot go on. The socket stays usable for a new one. */
export interface Gone {
  readonly type: 'gone';
  /** What became of it. */
  readonly why: GoneReason;
  /** The session that was asked for. */
  readonly sid: string;
  /** What the server accepted under it; null where it does not know. */
  readonly rx: number | null;
}

/** Numbers up to this one that were not sent on this socket will never come. */
export interface Skip {
  readonly type: 'skip';
  /** The last number that will never come. */
  readonly to: number;
}

/** New credit. */
export interface Win {
  readonly type: 'win';
  /** How many messages may be sent beyond the last one acknowledged. */
  readonly win: number;
}

/** The session ends here. */
export interface Bye {
  readonly type: 'bye';
  /** For people. */
  readonly reason: string;
  /** The highest number that the one who says it has accepted. */
  readonly rx: number;
  /** And the highest that it has given: what lies beyond what the other one accepted is lost. */
  readonly hi: number;
}

/** The server is about to stop: another socket is to take over within so many seconds. This one goes on until then. */
export interface Move {
  readonly type: 'move';
  /** Seconds. */
  readonly within: number;
}

/** Every frame that is about the session itself. */
export type Control = Hello | Welcome | Gone | Skip | Win | Bye | Move;

/** Longer ones are broken: a peer must not make us parse what it likes. UTF-16 units. */
export const MAX_CONTROL_LENGTH = 4_096;

const MAX_TOKEN_LENGTH = 1_024;
const REASONS: readonly GoneReason[] = ['expired', 'unknown', 'regressed', 'fenced', 'ended'];

/** Reads a control frame. Undefined for all that is none, in form or in any of its fields. */
export function parseControl(text: string): Control | undefined {
  if (text.length > MAX_CONTROL_LENGTH) return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof fields !== 'object' || fields === null) return undefined;
  const frame = fields as Readonly<Record<string, unknown>>;
  if ('jet' in frame) return frame['jet'] === 1 ? greeting(frame) : undefined;
  if ('gone' in frame) return gone(frame);
  if ('skip' in frame)
    return isSeq(frame['skip']) ? { type: 'skip', to: frame['skip'] } : undefined;
  if ('win' in frame) return isCount(frame['win']) ? { type: 'win', win: frame['win'] } : undefined;
  if ('bye' in frame) return bye(frame);
  if ('move' in frame) return move(frame);
  return undefined;
}

/** A control as the text of its frame. */
export function formatControl(control: Control): string {
  switch (control.type) {
    case 'hello': {
      const { sid, isKnown, n, rx, hi, win, max, tok, was } = control;
      return JSON.stringify({ jet: 1, sid, ok: isKnown ? 1 : 0, n, rx, hi, win, max, tok, was });
    }
    case 'welcome': {
      const { sid, rx, hi, ttl, win, max, tok } = control;
      return JSON.stringify({ jet: 1, sid, rx, hi, ttl, win, max, tok });
    }
    case 'gone':
      return JSON.stringify({ gone: control.why, sid: control.sid, rx: control.rx });
    case 'skip':
      return `{"skip":${control.to}}`;
    case 'win':
      return `{"win":${control.win}}`;
    case 'move':
      return `{"move":${control.within}}`;
    case 'bye':
      return JSON.stringify({ bye: control.reason, rx: control.rx, hi: control.hi });
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** A hello has `n`; a welcome has `ttl`. */
function greeting(frame: Fields): Hello | Welcome | undefined {
  const { sid, rx, hi, win, max, tok } = frame;
  if (!isSid(sid) || !isCount(rx) || !isCount(hi) || !isCount(win) || !isToken(tok))
    return undefined;
  if (max !== undefined && !isSeq(max)) return undefined;
  const { ok, n, ttl, was } = frame;
  if (n === undefined) {
    if (typeof ttl !== 'number' || !(ttl >= 0)) return undefined;
    return { type: 'welcome', sid, rx, hi, ttl, win, max, tok };
  }
  if (!isSeq(n) || (ok !== 0 && ok !== 1)) return undefined;
  if (was !== undefined && !isSid(was)) return undefined;
  return { type: 'hello', sid, isKnown: ok === 1, n, rx, hi, win, max, tok, was };
}

function gone({ gone: why, sid, rx }: Fields): Gone | undefined {
  const reason = REASONS.find((one) => one === why);
  if (reason === undefined || !isSid(sid) || !(rx === null || isCount(rx))) return undefined;
  return { type: 'gone', why: reason, sid, rx };
}

function bye({ bye: reason, rx, hi = 0 }: Fields): Bye | undefined {
  if (typeof reason !== 'string' || !isCount(rx) || !isCount(hi)) return undefined;
  return { type: 'bye', reason, rx, hi };
}

/** An hour at most: whoever may take longer need not be told. */
function move({ move: within }: Fields): Move | undefined {
  if (typeof within !== 'number' || !(within >= 0 && within <= 3_600)) return undefined;
  return { type: 'move', within };
}

const isSid = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]{16,64}$/.test(value);

const isToken = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === 'string' && value.length <= MAX_TOKEN_LENGTH);

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MAX_SEQ;

const isSeq = (value: unknown): value is number => isCount(value) && value > 0;
