/** What the control API is asked, checked. All throw an {@link HttpError} 400. */
import { type FaultRequest, isSendable, MAX_RATE, MAX_REASON_BYTES } from '../shared/protocol.js';
import { HttpError } from './http.js';

type Body = Readonly<Record<string, unknown>>;

const KINDS = ['cut', 'hang', 'slow', 'refuse', 'restart', 'reject', 'storm', 'restore'] as const;

export function readFault(body: Body): FaultRequest {
  if (body.kind === 'close') return { kind: 'close', ...readClose(body) };
  const kind = KINDS.find((known) => known === body.kind);
  if (kind === undefined) {
    throw new HttpError(400, `Cannot do this: kind must be close or one of ${KINDS.join(', ')}`);
  }
  return { kind };
}

/** Messages a second, from `rateIn`; 0 when it is not there. */
export function readRate({ rateIn = 0 }: Body): number {
  if (typeof rateIn !== 'number' || !(rateIn >= 0 && rateIn <= MAX_RATE)) {
    throw new HttpError(400, `Cannot send at this rate: rateIn must be 0 to ${MAX_RATE}`);
  }
  return rateIn;
}

function readClose({ code = 1000, reason = '' }: Body): { code: number; reason: string } {
  if (typeof code !== 'number' || !isSendable(code)) {
    throw new HttpError(
      400,
      'Cannot close with this code: 1000 to 1014 (not 1004 to 1006), or 3000 to 4999',
    );
  }
  if (typeof reason !== 'string' || Buffer.byteLength(reason) > MAX_REASON_BYTES) {
    throw new HttpError(400, `Cannot close with this reason: at most ${MAX_REASON_BYTES} bytes`);
  }
  return { code, reason };
}
