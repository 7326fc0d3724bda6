/** One for all spellings, and for the two parts of Frankfurt: the API reports de/fra for de/fra/2, its defect DB-4824. */
export const locationKey = (location = '') => location.toLowerCase().replace(/^de\/fra\/2$/, 'de/fra');
