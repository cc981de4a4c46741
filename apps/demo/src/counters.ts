import type { Phase } from 'jetsocket';
import { part, setText } from './dom.js';
import type { Run } from './run.js';
import { keepsUntilAcknowledged, type Settings } from './settings.js';

type Name =
  | 'sent'
  | 'waiting'
  | 'acknowledged'
  | 'arrived'
  | 'received'
  | 'server-sent'
  | 'missing'
  | 'missing-out'
  | 'missing-in'
  | 'doubled'
  | 'doubled-out'
  | 'doubled-in'
  | 'out-of-order'
  | 'out-of-order-out'
  | 'out-of-order-in'
  | 'dropped'
  | 'refused';

/** The tiles with the numbers, and the sentence that sums them up. */
export class Counters {
  readonly #verdict = part('verdict', HTMLElement);

  render(run: Run, settings: Settings): void {
    const out = run.outgoing.counts();
    const incoming = run.incoming.view();
    const values: Readonly<Record<Name, number | string>> = {
      sent: out.sent,
      waiting: out.waiting,
      acknowledged: keepsUntilAcknowledged(settings) ? out.acknowledged : 'off',
      arrived: run.arrived,
      received: incoming.count,
      // The books are a moment old; what came since was surely sent.
      'server-sent': Math.max(run.serverSent, incoming.highest),
      missing: out.missing + incoming.missing,
      'missing-out': out.missing,
      'missing-in': incoming.missing,
      doubled: run.doubledThere + incoming.doubled,
      'doubled-out': run.doubledThere,
      'doubled-in': incoming.doubled,
      'out-of-order': run.outOfOrderThere + incoming.outOfOrder,
      'out-of-order-out': run.outOfOrderThere,
      'out-of-order-in': incoming.outOfOrder,
      dropped: out.dropped,
      refused: out.refused,
    };
    for (const [name, value] of Object.entries(values)) {
      setText(part(`counter-${name}`, HTMLElement), String(value));
    }
    for (const tile of ['missing', 'doubled', 'out-of-order'] as const) {
      const element = document.querySelector<HTMLElement>(`[data-tile="${tile}"]`);
      element?.classList.toggle('is-off', values[tile] !== 0);
    }
    const [verdict, text] = judge(out, incoming.missing, settings, run.socket.state);
    this.#verdict.dataset['verdict'] = verdict;
    setText(this.#verdict, text);
  }
}

function judge(
  { missing, waiting, dropped }: { missing: number; waiting: number; dropped: number },
  missingIn: number,
  settings: Settings,
  state: Phase,
): readonly ['ok' | 'wait' | 'bad', string] {
  const { mode } = settings;
  if (missing > 0) {
    const advice = keepsUntilAcknowledged(settings)
      ? ''
      : mode === 'none'
        ? ': mode none keeps nothing'
        : ': let the server acknowledge';
    return ['bad', `${messages(missing)} sent never arrived${advice}`];
  }
  if (dropped > 0) return ['bad', `${messages(dropped)} dropped, as buffer_overflow told`];
  if (waiting > 0 && state !== 'connected')
    return ['wait', `${messages(waiting)} waiting in the outbox, in order`];
  if (missingIn > 0) {
    const advice = mode === 'none' ? 'mode none keeps nothing' : 'let the server fill them in';
    return ['wait', `${messages(missingIn)} missed on the way in: ${advice}`];
  }
  return ['ok', 'Nothing is missing'];
}

function messages(count: number): string {
  return count === 1 ? '1 message' : `${count} messages`;
}
