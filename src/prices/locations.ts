import { wordsIn } from './meters/text.ts';
import { AREA_WORDS, GREAT_BRITAIN, HALF_NAMES } from './meters/vocabulary.ts';

/** As IONOS names locations, with the parts that some of them have. */
export const LOCATION = /^[a-z]{2}\/[a-z]{3}(?:\/\d{1,3})?$/;

/** API v2 writes de-fra for de/fra. */
export const locationIn = (text: string) => text.trim().toLowerCase().replaceAll('-', '/');

/** A location and what it is a part of: de/fra/2 is in de/fra. */
export function withParent(location: string): string[] {
  const [country, city, ...parts] = location.split('/');
  return parts.length > 0 ? [location, `${country}/${city}`] : [location];
}

export const KNOWN_LOCATIONS: readonly string[] = [
  ...new Set([...AREA_WORDS.values()].filter(({ level }) => level === 3).flatMap(({ prefixes }) => prefixes)),
];

/** The known locations that a text names in words, as us/las for "Las Vegas"; for a country, all that it has. */
export function locationsNamed(text: string): string[] {
  const words = wordsIn(text).map((word) => word.text);
  const areas = words.flatMap((word) => AREA_WORDS.get(word) ?? (word === 'gb' ? GREAT_BRITAIN : []));
  const level = areas.reduce((highest, area) => Math.max(highest, area.level), 0);
  // A city may have words beside it, as in Frankfurt am Main; EU in eu-central-3 names no group of countries.
  if (level < 3 && areas.length + words.filter((word) => HALF_NAMES.has(word)).length < words.length) return [];
  const prefixes = areas.filter((area) => area.level === level).flatMap((area) => area.prefixes);
  return KNOWN_LOCATIONS.filter((location) => prefixes.some((prefix) => location.startsWith(prefix)));
}
