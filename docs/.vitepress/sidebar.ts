/**
 * Where each page of docs/ stands in the site. A page that is in no group, and a name without a page, fail
 * scripts/site.test.ts. What a page is called is its first heading.
 */
export interface Group {
  readonly text: string;
  /** Names of files in docs/, without `.md`. */
  readonly pages: readonly string[];
}

export const GROUPS: readonly Group[] = [
  { text: 'Start', pages: ['tutorial', 'api', 'events', 'errors', 'troubleshooting', 'glossary'] },
  {
    text: 'Connections',
    pages: ['reconnecting', 'heartbeat', 'sleep', 'credentials', 'csp'],
  },
  { text: 'Messages', pages: ['replay', 'messages', 'channels', 'streams'] },
  {
    text: 'Your app',
    pages: ['testing', 'ssr', 'service-workers', 'react-native', 'websocket'],
  },
  { text: 'Servers', pages: ['server', 'deploys', 'scaling', 'adapters', 'protocol'] },
  {
    text: 'Coming from',
    pages: [
      'comparison',
      'migrate-partysocket',
      'migrate-socket-io',
      'migrate-websocket',
      'migrate-python',
    ],
  },
  {
    text: 'Measured',
    pages: ['loss', 'benchmarks', 'storm', 'soak', 'size', 'runtimes', 'browsers'],
  },
  {
    text: 'How it is built',
    pages: ['architecture', 'state-machine', 'proofs', 'mutation', 'security', 'versioning'],
  },
];

/** Where a page's first heading is too long for one line of the sidebar. */
export const SHORT: Readonly<Record<string, string>> = {
  tutorial: 'Tutorial: a chat that survives',
  sleep: 'Sleep and networks',
  ssr: 'Frameworks and rendering',
  'service-workers': 'Service workers',
  adapters: 'Replay from other servers',
  protocol: 'The session protocol',
  'migrate-partysocket': 'From partysocket',
  storm: 'Everybody back at once',
};

/** The start page, which the logo leads to. */
export const WITHOUT_GROUP: readonly string[] = ['index'];

/** Their tables or drawings need the room that the outline has elsewhere. */
export const WIDE: readonly string[] = [
  'comparison',
  'benchmarks',
  'storm',
  'loss',
  'state-machine',
];
