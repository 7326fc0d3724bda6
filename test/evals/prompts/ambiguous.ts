import type { ExpectedQuestion, Prompt } from '../../../scripts/evals/cases.ts';

const question = (id: string, language: Prompt['language'], text: string, expect: ExpectedQuestion): Prompt => ({
  id,
  language,
  text,
  expect,
});

/** Nobody can know what is meant: the person has to be asked before anything is changed. */
export const ambiguous: readonly Prompt[] = [
  question('en-which-prod', 'en', 'Delete the prod cluster.', {
    asksFor: ['cluster', 'exact name'],
    between: ['webshop-prod', 'auth-prod', 'analytics-prod'],
  }),
  question('en-how-much', 'en', 'Make the cluster orders bigger.', {
    asksFor: ['memory', 'ram', 'cores', 'storage', 'disk', 'cpu', 'size'],
  }),
  question('en-whose-database', 'en', 'Create a database metrics for the dashboard people.', {
    asksFor: ['cluster', 'own', 'user'],
  }),
  question('de-which-shop', 'de', 'Lösche die Datenbank shop.', {
    asksFor: ['cluster', 'instanz'],
    between: ['orders', 'orders-staging', 'orders-archive', 'webshop-prod'],
  }),
  question('de-which-moment', 'de', 'Stell das Backup von neulich wieder her.', {
    asksFor: ['cluster', 'backup', 'zeitpunkt', 'datum', 'uhrzeit'],
  }),
  question('de-new-cluster', 'de', 'Ich brauche einen neuen Cluster.', {
    asksFor: ['name', 'heißen', 'größe', 'standort', 'rechenzentrum', 'kerne', 'speicher'],
  }),
];
