/**
 * Why a mutant that no test notices cannot be noticed. A line here is the file, a piece of the line that is changed, what
 * of it is changed, and into what; what is left out fits anything. What fits nothing any more may go.
 */

/** @typedef {import('./page.mjs').Missed} Missed */
/** @typedef {readonly [file: string, line: string, part?: string, replacement?: string]} Known */

/** @param {string} why @param {readonly Known[]} known */
const explain = (why, known) => ({
  why,
  is: (/** @type {Missed} */ { name, line, part, replacement }) =>
    known.some(
      ([file, piece, ofPart, into]) =>
        name === file &&
        line.includes(piece) &&
        (ofPart === undefined || part === ofPart) &&
        (into === undefined || replacement === into),
    ),
});

export const EXPLAINED = [
  explain(
    'A guard for the compiler: what it asks is certain, though types do not say so, or is asked again by what follows.',
    [
      ['machine/transition', 'default:'],
      ['machine/transition', 'function assertNever'],
      ['machine/transition', 'throw new TypeError'],
      ['machine/transition', 'const isTime =', "input.type === 'timer.fired'"],
      ['machine/transition', 'const successor =', "state.phase === 'connected'"],
      ['machine/transition', "if (state.phase !== 'connected' ||", "state.phase !== 'connected'"],
      ['machine/close-code', 'end.retryAfterMs', 'end.retryAfterMs !== undefined'],
      ['machine/credentials', "if (!('heard' in input))"],
      ['machine/credentials', "if (state.phase !== 'connected'", "state.phase !== 'connected'"],
      ['machine/surroundings', "case 'frozen':"],
      ['delivery/client-session', "typeof data === 'string' ?", "typeof data === 'string'", 'true'],
      ['delivery/exchange', "typeof data === 'string' ?", "typeof data === 'string'", 'true'],
      ['delivery/client-session', 'if (rx !== null', 'rx !== null', 'true'],
      ['delivery/client-session', 'missingFrom === null && unknown.length'],
      ['delivery/controls', "if ('move' in frame)", "'move' in frame", 'true'],
      ['delivery/controls', '} catch {'],
      ['delivery/controls', 'Number.isSafeInteger(value)'],
      ['delivery/frames', 'if (byte === undefined)'],
      ['delivery/inbox', 'this.#turns !== undefined && isThenable'],
      ['delivery/sequence-id', 'default:'],
      ['delivery/sequence-id', "typeof value === 'number' &&", "typeof value === 'number'", 'true'],
      ['delivery/sequence', "this.#last?.id ?? ''"],
      ['delivery/sequence', 'this.#last?.id', 'this.#last?.id'],
      ['delivery/sequence', 'this.#last?.epoch', 'this.#last?.epoch'],
      ['delivery/sequence', 'if (oldest !== undefined)'],
      ['delivery/sequence', 'if (next === undefined) return'],
      ['delivery/sequence', 'while (index > 0'],
      ['delivery/sequence', 'given !== null', 'given !== null', 'true'],
      ['delivery/outbox', 'this.#keyed?.set', 'this.#keyed?.set'],
      ['delivery/outbox', 'this.#keyed?.delete', 'this.#keyed?.delete'],
      ['delivery/outbox', 'if (terms === undefined) return;'],
      ['delivery/outbox', 'while (this.size > 0'],
    ],
  ),
  explain(
    'A shortcut for the usual case: the long way, which a mutant takes instead, comes to the same, and costs more.',
    [
      ['delivery/inbox', 'data.length * 3 > maxMessageBytes'],
      ['delivery/sequence', "typeof given === 'number' && given - 1"],
      ['delivery/sequence', 'if (this.#duplicates > 0)'],
      ['delivery/sequence', 'if (this.#held.length > 0)'],
      ['delivery/sequence', 'if (this.#held.length === 0) this.#outlet'],
      ['delivery/sequence-id', "if (typeof id === 'number') return id;"],
      ['delivery/client-session', 'if (this.#unread !== undefined)'],
      ['delivery/frames', 'value > MAX_SEQ / 10'],
      ['delivery/frames', 'count < 8'],
      ['delivery/outbox', 'const position = key === undefined'],
      ['delivery/outbox', 'if (terms !== undefined) entry.terms'],
      ['delivery/outbox', 'entry.terms !== undefined'],
      ['delivery/outbox', 'entry.terms === undefined ?'],
      ['delivery/outbox', 'this.withTerms === 0'],
      ['delivery/outbox', 'this.withTerms > 0'],
      ['delivery/outbox', 'terms.key !== undefined'],
      ['delivery/outbox', 'if (expiresAtMs !== undefined)'],
      ['delivery/outbox', 'if (to === from) continue'],
      ['delivery/outbox', 'if (from >= this.#frontier'],
      ['delivery/outbox', 'this.#frontier === this.#base'],
      ['delivery/exchange', 'if (ack > 0 &&'],
    ],
  ),
  explain('A boundary at which both sides do the same.', [
    ['machine/heartbeat', 'inMs > 0'],
    ['delivery/exchange', 'if (ack > this.#sent)'],
    ['delivery/sequence', 'value < this.#lowest'],
    ['delivery/sequence', 'value > this.#highest', 'value > this.#highest'],
    ['delivery/outbox', 'entry.id > this.#highestHandedId'],
    ['delivery/outbox', 'if (this.#cursor < this.#base)'],
    ['delivery/outbox', 'if (this.#frontier < this.#base)'],
    ['delivery/outbox', 'position < this.#end; position++'],
  ]),
  explain('A value that nobody reads there, or that is set again before anybody does.', [
    ['machine/transition', 'const TIMEOUT: End'],
    ['machine/transition', "attempt(state, 'connect', config)"],
    ['machine/moves', "attempt({ ...state, attempt: 1 }, 'reconnect', config)"],
    ['machine/moves', 'const plan: Plan = { retry: true'],
    ['machine/moves', "const unanswered: End = { cause: 'close'"],
    ['machine/signal', "const end: End = { cause: 'page_hidden'"],
    ['delivery/client-session', '#move: '],
    ['delivery/client-session', "this.#move = 'none';"],
    ['delivery/client-session', "this.#move = 'moved'"],
    ['delivery/sequence', '#held: Held<In>[] = []'],
    ['delivery/sequence', '#isReplaying = false;', 'false', 'true'],
    ['delivery/sequence', '#isCounted = false;', 'false', 'true'],
    ['delivery/sequence', '#isFirst = false;', 'false', 'true'],
    ['delivery/sequence', '#isVerified = false;', 'false', 'true'],
    ['delivery/outbox', "new Entry(++this.#lastId, '')"],
    ['delivery/inbox', 'this.#epoch++'],
  ]),
  explain('A name: any other would do, as long as all who compare it say the same.', [
    ['delivery/exchange', "export const LATER = 'later'"],
  ]),
  explain(
    'Memory that is let go of sooner, or a list that grows by itself: no test sees the difference.',
    [
      ['delivery/outbox', 'new Array<Entry | undefined>(16)'],
      ['delivery/outbox', 'for (let position = this.#base; position < to'],
      ['delivery/frames', "typeof this.#data === 'string'"],
    ],
  ),
];
