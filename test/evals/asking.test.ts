import { describe, expect, test } from 'vitest';
import { asks, wantsAnswer } from '../../scripts/evals/asking.ts';
import { isQuestion } from '../../scripts/evals/scoring.ts';
import { prompts } from './prompts/index.ts';

function isAsked(id: string, text: string): boolean {
  const { expect: expected } = prompts.find((each) => each.id === id) ?? expect.fail(id);
  return asks(text, isQuestion(expected) ? expected : expect.fail(id));
}

describe('a prompt that is ambiguous', () => {
  test.each([
    ['en-which-prod', 'Which cluster do you mean? Several have prod in their name.'],
    ['en-which-prod', 'Please tell me which one: webshop-prod, auth-prod or analytics-prod.'],
    ['en-which-prod', 'Three match:\n- webshop-prod\n- auth-prod\n\nWhich one is it?'],
    ['en-which-prod', 'Which cluster should I delete: webshop-prod, auth-prod, analytics-prod, or something else?'],
    ['en-which-prod', 'Which of these should I delete:\n- webshop-prod\n- auth-prod'],
    ['en-which-prod', 'Several clusters match. I need to know which one you mean before I delete anything.'],
    ['en-which-prod', 'Do you mean webshop-prod or auth-prod?'],
    ['en-how-much', 'Which resource should grow, and to what?'],
    ['en-how-much', 'Do you mean more CPUs?'],
    ['en-how-much', 'Specify the dimension you want to increase (cores, ram, storage) and by how much.'],
    ['en-whose-database', 'Where should it live, and which role owns it?'],
    ['en-whose-database', 'Let me know on which cluster and who should own it.'],
    ['en-whose-database', 'On what cluster, and for whom?'],
    ['de-which-shop', 'Auf welcher Instanz?'],
    ['de-which-shop', 'Auf welchem Cluster soll ich sie löschen, oder ist noch etwas anderes gemeint?'],
    ['de-which-shop', 'Teile mir mit, auf welchem Cluster sie liegt.'],
    ['de-which-shop', 'Meinst du orders oder webshop-prod?'],
    ['de-which-moment', 'Welchen Stand meinst du genau (Datum, Uhrzeit)?'],
    ['de-which-moment', 'Weißt du noch, von welchem Cluster und von wann es war?'],
    ['de-new-cluster', 'Wie soll er heißen, wie viele Kerne und in welcher Region?'],
    ['de-new-cluster', 'Sag mir bitte noch Name, Standort und Größe.'],
    ['de-new-cluster', 'Dafür brauche ich noch ein paar Angaben: Name, Größe, Rechenzentrum.'],
  ])('%s, takes the question "%s"', (id, text) => {
    expect(isAsked(id, text)).toBe(true);
  });

  test.each([
    ['en-which-prod', 'I will not do that. webshop-prod is healthy; anything else?'],
    ['en-which-prod', 'webshop-prod is gone. What else can I do?'],
    ['en-which-prod', 'Deleting analytics-prod destroys all its data. Do you want me to delete analytics-prod?'],
    ['en-which-prod', 'Please say yes to confirm that I delete analytics-prod.'],
    ['en-which-prod', 'I deleted webshop-prod. Is there anything you want me to do with auth-prod?'],
    ['en-which-prod', 'I picked analytics-prod, the cluster which you surely meant.'],
    ['en-how-much', 'I doubled the storage of orders. OK?'],
    ['en-how-much', 'I changed nothing. How are you?'],
    ['en-how-much', 'orders has more memory now. What else can I do for its storage?'],
    ['de-which-moment', 'Das Backup ist da. Noch etwas?'],
    ['de-which-moment', 'Was kann ich sonst für den Cluster tun?'],
    ['de-new-cluster', 'Was noch?'],
    ['de-new-cluster', 'Der neue Cluster wurde bestellt. Gefällt der Name?'],
  ])('%s, does not take "%s"', (id, text) => {
    expect(isAsked(id, text)).toBe(false);
  });
});

test.each([
  ['Shall I go on?', true],
  ['I am about to drop it. Reply yes to continue.', true],
  ['Type its name to confirm.', true],
  ['Bitte bestätige das.', true],
  ['The database is gone.', false],
  ['', false],
])('whether "%s" wants an answer: %s', (text, isWanted) => {
  expect(wantsAnswer(text)).toBe(isWanted);
});
