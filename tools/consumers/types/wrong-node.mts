/** As wrong.mts, for the packages that only Node can use. */
import { connect as connectInNode, createPool } from '@jetsocket/node';
import { createSessions } from '@jetsocket/server';

connectInNode('wss://example.com', { tls: { rejectUnauthorized: 'no' } }); // wrong
createPool({ maximum: 1 }); // wrong
createSessions({ ttlMs: '1' }); // wrong
