/** Our own clients: each is the machine that decides in every socket, with the configuration that users get. */
import { systemClock } from '../../packages/core/src/adapters/system-clock.ts';
import type { MachineConfig } from '../../packages/core/src/machine/config.ts';
import type { Effect } from '../../packages/core/src/machine/effect.ts';
import type { End, Input } from '../../packages/core/src/machine/input.ts';
import { initialState, type State } from '../../packages/core/src/machine/state.ts';
import { transition } from '../../packages/core/src/machine/transition.ts';
import { type Options, resolve } from '../../packages/core/src/options.ts';
import { ATTEMPT, type Fleet, GIVEN_UP, type Next } from './fleet.ts';

const URI = 'wss://example.com/';
/** Everybody has been connected for an hour when it begins. */
const CONNECTED_MS = 3_600_000;
const LOST: End = { cause: 'connection_lost', code: 1006, reason: '', wasClean: false };
const REFUSED: End = { cause: 'connect_failed', code: 1006, reason: '', wasClean: false };

/** As many machines as clients, not one of them a copy of what they would do. */
export class Machines implements Fleet {
  readonly name: string;
  readonly version = 'here';
  readonly #config: MachineConfig;
  readonly #states: State[];

  constructor(clients: number, random: () => number, options: Options = {}, name = 'JetSocket') {
    this.name = name;
    this.#config = configOf(options);
    this.#states = Array.from({ length: clients }, () =>
      initialState(Math.floor(random() * 4_294_967_296)),
    );
    for (let client = 0; client < clients; client++) this.#connect(client);
  }

  get connectTimeoutMs(): number {
    return this.#config.connectTimeoutMs;
  }

  lost(client: number, nowMs: number): Next {
    return this.#end(client, LOST, nowMs);
  }

  refused(client: number, nowMs: number): Next {
    return this.#end(client, REFUSED, nowMs);
  }

  woken(client: number, nowMs: number): Next {
    return this.#fire(client, 'backoff', nowMs);
  }

  timedOut(client: number, nowMs: number): Next {
    return this.#fire(client, 'connect', nowMs);
  }

  accepted(client: number, nowMs: number): void {
    this.#open(client, CONNECTED_MS + nowMs);
  }

  /** Where a client is: for tests. */
  phaseOf(client: number): State['phase'] {
    return this.#state(client).phase;
  }

  #connect(client: number): void {
    const next = this.#tell(client, { type: 'user.connect', nowMs: 0 });
    if (next !== ATTEMPT) throw new Error('A machine did not connect when it was told to');
    this.#open(client, 0);
  }

  #open(client: number, nowMs: number): void {
    const { epoch } = this.#state(client);
    const opened = { type: 'transport.opened', epoch, nowMs, protocol: '' } as const;
    this.#tell(client, { ...opened, canPing: true, heard: 0 });
    if (this.phaseOf(client) !== 'connected')
      throw new Error('A machine did not take a connection');
  }

  #end(client: number, end: End, atMs: number): Next {
    const { epoch } = this.#state(client);
    const nowMs = CONNECTED_MS + atMs;
    return this.#tell(client, {
      type: 'transport.ended',
      epoch,
      nowMs,
      end,
      override: undefined,
      heard: 0,
    });
  }

  #fire(client: number, timer: 'backoff' | 'connect', atMs: number): Next {
    const nowMs = CONNECTED_MS + atMs;
    return this.#tell(client, { type: 'timer.fired', timer, nowMs, lateMs: 0, heard: 0 });
  }

  /** As the runtime does: one input to its end, and then what its effects have brought about. */
  #tell(client: number, first: Input): Next {
    let next: Next = GIVEN_UP;
    let input: Input | undefined = first;
    while (input !== undefined) {
      const nowMs: number = 'nowMs' in input ? input.nowMs : 0;
      const [state, effects] = transition(this.#state(client), input, this.#config);
      this.#states[client] = state;
      input = undefined;
      for (const effect of effects) {
        if (effect.type === 'transport.open') next = ATTEMPT;
        else if (effect.type === 'timer.set') next = waitOf(effect) ?? next;
        else input = answerTo(effect, nowMs) ?? input;
      }
    }
    return next;
  }

  #state(client: number): State {
    const state = this.#states[client];
    if (state === undefined) throw new RangeError(`There is no client ${client}`);
    return state;
  }
}

/** What the world answers to an effect at once. */
function answerTo(effect: Effect, nowMs: number): Input | undefined {
  if (effect.type === 'attempt.prepare') {
    return { type: 'attempt.prepared', epoch: effect.epoch, uri: URI };
  }
  if (effect.type !== 'transport.abandon') return undefined;
  const end: End = { ...LOST, cause: effect.cause };
  return {
    type: 'transport.ended',
    epoch: effect.epoch,
    nowMs,
    end,
    override: undefined,
    heard: 0,
  };
}

/** Only `backoff` ends in an attempt. An unknown timer might too: then this file has to learn of it. */
function waitOf({ timer, delayMs }: Extract<Effect, { type: 'timer.set' }>): number | undefined {
  switch (timer) {
    case 'backoff':
      return delayMs;
    case 'connect': // The world's own business, by `connectTimeoutMs`.
    case 'heartbeat': // The rest is for those who are connected.
    case 'pong':
    case 'stable':
    case 'age':
    case 'close':
      return undefined;
    default:
      throw new Error(`The storm does not know the timer ${String(timer)}`);
  }
}

/** The options as a user gives them, through the check and the defaults that every socket's go through. */
function configOf(options: Options): MachineConfig {
  return resolve(options, {
    clock: systemClock,
    random: () => 0,
    newId: () => '',
    writeUnheard: () => undefined,
    transport: () => ({
      takesHeaders: false,
      open: () => {
        throw new Error('Nothing is opened in a simulation');
      },
    }),
  });
}
