/** @param {import('node:child_process').ChildProcess} child @returns {Promise<string>} The first address that it prints. */
export function firstAddress(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', () => reject(new Error(`It ended before it printed an address: ${output}`)));
  });
}
