import fc from 'fast-check';

// A machine that decides on a change tries the same inputs each time; runs by hand go on looking for others.
if (process.env.CI) fc.configureGlobal({ seed: 4_711 });
