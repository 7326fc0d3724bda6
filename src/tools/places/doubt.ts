/** What the service may take all the same, or what was not looked at. */
export type PlaceDoubt =
  | { about: 'place-unread'; reason: string }
  | { about: 'lan-unread' }
  | { about: 'uses-unread'; what: readonly string[] }
  | { about: 'lan-access' }
  | { about: 'block-unknown' }
  | { about: 'outside-block'; block: string }
  | { about: 'first-address' }
  | { about: 'dhcp' };
