/** graphql-ws: the subscription goes on after a cut, and nothing of the old socket is left. */
import type * as GraphQL from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { createRequire } from 'node:module';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { alive, behindProxy, counted } from './kit.js';

/** The very module that graphql-ws loads: a bundler finds another one of two, and their schemas differ. */
const { GraphQLInt, GraphQLObjectType, GraphQLSchema } = createRequire(import.meta.url)(
  'graphql',
) as typeof GraphQL;

/** Counts up for every subscriber, from the beginning for each. */
async function* counting(): AsyncGenerator<{ readonly count: number }> {
  for (let count = 1; ; count++) {
    yield { count };
    await new Promise((done) => setTimeout(done, 5));
  }
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { one: { type: GraphQLInt, resolve: () => 1 } },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: { count: { type: GraphQLInt, subscribe: counting } },
  }),
});

it('graphql-ws subscribes again on the connection that replaces the one that was cut', async () => {
  const { http, proxy, url } = await behindProxy();
  const wss = new WebSocketServer({ server: http, path: '/graphql' });
  let initialised = 0;
  const server = useServer({ schema, onConnect: () => void initialised++ }, wss);
  onTestFinished(async () => server.dispose());

  const { WebSocket, made } = counted();
  const client = createClient({
    url: `${url}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 5,
    retryWait: async () => undefined,
  });
  onTestFinished(async () => client.dispose());

  const got: number[] = [];
  let hasCut = false;
  for await (const { data } of client.iterate<{ count: number }>({
    query: 'subscription { count }',
  })) {
    got.push(data?.count ?? 0);
    if (got.length === 3 && !hasCut) {
      hasCut = true;
      proxy.cut();
    }
    // It began anew, and went on.
    if (hasCut && got.lastIndexOf(1) > 2 && got.at(-1) === 3) break;
  }
  expect(got.slice(0, 3)).toEqual([1, 2, 3]);
  expect(got.slice(got.lastIndexOf(1))).toEqual([1, 2, 3]);
  expect(initialised).toBe(2);
  expect(made).toHaveLength(2);
  expect(alive(made)).toBe(1);
  expect(made[1]?.protocol).toBe('graphql-transport-ws');
});
