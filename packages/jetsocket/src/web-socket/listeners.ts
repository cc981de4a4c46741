import { Target } from './events.js';
import type {
  AddOptions,
  EventListenerLike,
  RemoveOptions,
  WebSocketEvents,
} from './platform-types.js';

type Listener = EventListenerLike | null;
/** A listener that knows what it is told. */
type Typed<Type extends keyof WebSocketEvents> = (
  this: WebSocket,
  event: WebSocketEvents[Type],
) => unknown;
type Attribute = ((event: Event) => unknown) | null;

/** A listener as `removeEventListener` tells it from others. */
interface Known {
  readonly callback: NonNullable<Listener>;
  readonly capture: boolean;
  readonly once: boolean;
}

/** An `EventTarget` with `on*` attributes, that knows whether anybody listens for the end. */
export class ListenerTarget extends Target {
  readonly #attributes = new Map<
    string,
    { handler: NonNullable<Attribute>; readonly call: (event: Event) => void }
  >();
  #forClose: Known[] = [];

  override addEventListener<Type extends keyof WebSocketEvents>(
    type: Type,
    callback: Typed<Type>,
    options?: boolean | AddOptions,
  ): void;
  override addEventListener(type: string, callback: Listener, options?: boolean | AddOptions): void;
  override addEventListener(
    type: string,
    callback: Listener,
    options?: boolean | AddOptions,
  ): void {
    super.addEventListener(type, callback, options);
    if (type === 'close' && callback !== null) this.#note(callback, options);
  }

  override removeEventListener<Type extends keyof WebSocketEvents>(
    type: Type,
    callback: Typed<Type>,
    options?: boolean | RemoveOptions,
  ): void;
  override removeEventListener(
    type: string,
    callback: Listener,
    options?: boolean | RemoveOptions,
  ): void;
  override removeEventListener(
    type: string,
    callback: Listener,
    options?: boolean | RemoveOptions,
  ): void {
    super.removeEventListener(type, callback, options);
    if (type === 'close') this.#forget(callback, captures(options));
  }

  override dispatchEvent(event: Event): boolean {
    if (event.type === 'close') this.#forClose = this.#forClose.filter(({ once }) => !once);
    return super.dispatchEvent(event);
  }

  /** Whether a listener for `close` is there now, as `onclose` or otherwise. */
  protected get hasCloseListener(): boolean {
    return this.#forClose.length > 0;
  }

  protected getAttribute(type: string): Attribute {
    return this.#attributes.get(type)?.handler ?? null;
  }

  /** A handler keeps the place among the listeners that the first one was given, as the standard has it. */
  protected setAttribute(type: string, handler: unknown): void {
    const known = this.#attributes.get(type);
    if (typeof handler !== 'function') {
      this.#attributes.delete(type);
      if (known !== undefined) this.removeEventListener(type, known.call);
      return;
    }
    if (known !== undefined) known.handler = handler as NonNullable<Attribute>;
    else this.#addAttribute(type, handler as NonNullable<Attribute>);
  }

  #addAttribute(type: string, handler: NonNullable<Attribute>): void {
    const attribute = {
      handler,
      call: (event: Event): void => {
        attribute.handler.call(this, event);
      },
    };
    this.#attributes.set(type, attribute);
    this.addEventListener(type, attribute.call);
  }

  #note(callback: NonNullable<Listener>, options: boolean | AddOptions | undefined): void {
    const { once = false, signal } = typeof options === 'object' ? options : {};
    const capture = captures(options);
    if (signal?.aborted === true || this.#find(callback, capture) !== undefined) return;
    this.#forClose.push({ callback, capture, once });
    signal?.addEventListener('abort', () => {
      this.#forget(callback, capture);
    });
  }

  #forget(callback: Listener, capture: boolean): void {
    const known = this.#find(callback, capture);
    this.#forClose = this.#forClose.filter((one) => one !== known);
  }

  #find(callback: Listener, capture: boolean): Known | undefined {
    return this.#forClose.find((one) => one.callback === callback && one.capture === capture);
  }
}

const captures = (options: boolean | RemoveOptions | undefined): boolean =>
  typeof options === 'object' ? (options.capture ?? false) : (options ?? false);
