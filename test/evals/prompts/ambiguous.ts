import type { Prompt } from '../../../scripts/evals/cases.ts';

const question = (id: string, language: Prompt['language'], text: string, asksFor: readonly string[]): Prompt => ({
  ...{ id, language, text },
  expect: { asksFor },
});

/** Nobody can know what is meant: the person has to be asked before anything is changed. */
export const ambiguous: readonly Prompt[] = [
  question('en-which-prod', 'en', 'Delete the prod cluster.', [
    'webshop-prod',
    'auth-prod',
    'analytics-prod',
    'exact name',
  ]),
  question('en-how-much', 'en', 'Make the cluster orders bigger.', [
    'memory',
    'ram',
    'cores',
    'storage',
    'disk',
    'cpu',
    'size',
  ]),
  question('en-whose-database', 'en', 'Create a database metrics for the dashboard people.', [
    'cluster',
    'owner',
    'user',
  ]),
  question('de-which-shop', 'de', 'Lösche die Datenbank shop.', ['orders-staging', 'cluster', 'instanz']),
  question('de-which-moment', 'de', 'Stell das Backup von neulich wieder her.', [
    'cluster',
    'backup',
    'zeitpunkt',
    'datum',
    'uhrzeit',
  ]),
  question('de-new-cluster', 'de', 'Ich brauche einen neuen Cluster.', ['name', 'größe', 'standort', 'rechenzentrum']),
];
