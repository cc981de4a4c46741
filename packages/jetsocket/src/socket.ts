import imported from 'isomorphic-ws';

/**
 * The constructor that isomorphic-ws chose: the class of `ws` in Node, the native one elsewhere, and nothing
 * where a runtime had none when this was loaded. Its types say `ws` everywhere, so they are not believed.
 */
export const isomorphicWebSocket: unknown = imported;
