import type { Codec } from '../codec.js';
import { asError, JetSocketError } from '../errors.js';
import type { SequenceId } from '../delivery/sequence.js';
import type { ReplayContext, SequenceOptions } from '../replay-options.js';
import type { Link } from '../ports.js';
import { isThenable } from '../thenable.js';

/** What a request for a replay needs to know, and where its outcome goes. */
export interface ReplayRequest<In, Out> {
  readonly requestReplay: SequenceOptions<In, Out>['requestReplay'];
  readonly codec: Codec<In, Out>;
  readonly link: Link;
  readonly lastId: SequenceId;
  readonly epoch: string | undefined;
  readonly attempt: number;
  onError(error: JetSocketError): void;
  /** The function has returned, or its promise has settled. @param isAsked It did not fail. */
  onDone(isAsked: boolean): void;
}

/**
 * Asks the user's function for the messages that were missed. What it returns is sent at once, before anything
 * that is queued.
 *
 * @returns How to give it up: its signal is aborted, and what it returns is ignored.
 */
export function askForReplay<In, Out>(request: ReplayRequest<In, Out>): () => void {
  const { requestReplay, lastId, epoch, attempt } = request;
  if (requestReplay === undefined) {
    request.onDone(true);
    return () => undefined;
  }
  const controller = new AbortController();
  let isGivenUp = false;
  let hasFailed = false;
  /** @returns A promise when the codec makes one. */
  const sendAnswer = (message: unknown): unknown => {
    if (isGivenUp || message === undefined) return undefined;
    // The user's function returns what the codec takes, or nothing.
    const data = request.codec.encode(message as Out);
    if (isThenable(data)) {
      return data.then((frame) => {
        if (!isGivenUp) request.link.send(frame);
      });
    }
    request.link.send(data);
    return undefined;
  };
  const fail = (thrown: unknown): void => {
    if (isGivenUp) return;
    hasFailed = true;
    request.onError(
      new JetSocketError('HOOK_FAILED', `replay.requestReplay failed: ${asError(thrown).message}`, {
        cause: thrown,
        hint: 'Messages that were missed may not come any more',
      }),
    );
  };
  const finish = (): void => {
    if (!isGivenUp) request.onDone(!hasFailed);
  };
  /** What the function has sent and the codec is still at. */
  const sending: Promise<unknown>[] = [];
  const send = (message: unknown): void => {
    const sent = sendAnswer(message);
    if (isThenable(sent)) sending.push(Promise.resolve(sent).catch(fail));
  };
  const signal = controller.signal as unknown as ReplayContext<Out>['signal'];
  try {
    const answer: unknown = requestReplay(lastId, { epoch, attempt, signal, send });
    const sent = isThenable(answer) ? Promise.resolve(answer).then(sendAnswer) : sendAnswer(answer);
    if (!isThenable(sent) && sending.length === 0) finish();
    else {
      const settled = Promise.resolve(sent).catch(fail);
      void settled.then(() => Promise.all(sending)).finally(finish);
    }
  } catch (thrown) {
    fail(thrown);
    finish();
  }
  return () => {
    isGivenUp = true;
    controller.abort();
  };
}
