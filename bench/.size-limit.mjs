import { bundles } from './src/size/bundles.mjs';

/** Each as it is minified, by gzip, and by brotli; the limit is on what gzip makes of it. */
export default bundles.flatMap(({ name, path, import: names, limitKb }) => {
  const check = {
    path,
    ...(names === undefined
      ? { disablePlugins: ['@size-limit/esbuild'] }
      : {
          import: names,
          modifyEsbuildConfig: (/** @type {object} */ config) => ({ ...config, logLevel: 'error' }),
        }),
  };
  return [
    { ...check, name: `${name}: min`, brotli: false },
    { ...check, name: `${name}: gzip`, gzip: true, limit: `${limitKb} kB` },
    { ...check, name: `${name}: brotli`, brotli: true },
  ];
});
