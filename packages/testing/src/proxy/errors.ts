/**
 * Stable names of what can go wrong. Branch on these, never on a message's text.
 *
 * - `INVALID_OPTION`: an argument is not what the method takes. Thrown at once.
 * - `CLOSED`: the proxy was closed. Thrown at once, and what `waitFor()` rejects with.
 * - `LISTEN_FAILED`: the address could not be listened on; `cause` says why. Rejected with.
 * - `TIMEOUT`: what `waitFor()` waited for did not come. Rejected with.
 */
export type FaultProxyErrorCode = 'INVALID_OPTION' | 'CLOSED' | 'LISTEN_FAILED' | 'TIMEOUT';

/** Every error that a fault proxy throws or rejects with. The network's faults are events. */
export class FaultProxyError extends Error {
  /** Always `FaultProxyError`. */
  override readonly name = 'FaultProxyError';
  /** What happened, for programs. */
  readonly code: FaultProxyErrorCode;

  /** `cause` is what the system said. */
  constructor(code: FaultProxyErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
