/**
 * Handlers that belong to a part of JetSocket, as the one that looks for the reply to a request: `off(type)`,
 * which removes all that the user added, leaves them.
 */
const lasting = new WeakSet<object>();

export function makeLasting<Given extends object>(handler: Given): Given {
  lasting.add(handler);
  return handler;
}

export const isLasting = (handler: object): boolean => lasting.has(handler);
