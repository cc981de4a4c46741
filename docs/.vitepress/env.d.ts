/** What Vite makes of files that TypeScript does not know. */
declare module '*.css';
