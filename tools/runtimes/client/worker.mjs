/** In workerd: what a bundler for it makes of the packages. `workerd test` calls `test`. */
import * as browser from '@jetsocket/browser';
import * as jetsocket from 'jetsocket';
import { runChecks } from './checks.mjs';
import { Control } from './control.mjs';

export default {
  /** @param {unknown} _controller @param {{ CONTROL: string }} env */
  async test(_controller, env) {
    await runChecks({
      control: new Control(env.CONTROL),
      connect: jetsocket.connect,
      takesHeaders: false,
      packages: { jetsocket, '@jetsocket/browser': browser },
      transports: [
        {
          name: 'browserTransport',
          transport: browser.browserTransport(),
          canPing: false,
          tellsStatus: false,
          enforcesMaxMessageBytes: false,
        },
      ],
    });
  },
};
