import fc from 'fast-check';

/** The same random values in every run: else a mutant might survive today, and not tomorrow. */
fc.configureGlobal({ seed: 1 });
