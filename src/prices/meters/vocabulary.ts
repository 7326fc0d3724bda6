/**
 * What the words of a meter mean. IONOS writes, for example, "1h core Intel Skylake", "1h per GB RAM - EU" and "30d per
 * 1 GB SSD Storage Premium"; how it writes of PostgreSQL is not published.
 */

export const PARTS = ['cores', 'memory', 'storage'] as const;
/** What a cluster is billed by. */
export type Part = (typeof PARTS)[number];

const wordsOf = (text: string) => text.trim().split(/\s+/);

const all = <Meaning>(meaning: Meaning, text: string) => wordsOf(text).map((word) => [word, meaning] as const);

export const PART_WORDS: ReadonlyMap<string, Part> = new Map([
  ...all<Part>(
    'cores',
    `core cores vcore vcores cpu cpus vcpu vcpus processor processors
    kern kerne cpukern cpukerne rechenkern rechenkerne prozessor prozessoren prozessorkern prozessorkerne`,
  ),
  ...all<Part>('memory', 'ram memory arbeitsspeicher hauptspeicher'),
  ...all<Part>(
    'storage',
    `storage ssd hdd disk disks volume volumes
    festplatte festplatten festplattenspeicher plattenspeicher speicherplatz datenspeicher`,
  ),
]);

/** German for memory and for storage alike: storage, unless another word says memory. */
export const EITHER_MEMORY_OR_STORAGE = 'speicher';

/** What certainly is no part of a PostgreSQL cluster. */
export const OTHER_PRODUCTS: ReadonlySet<string> = new Set(wordsOf('playground enterprise'));

/** A meter of these is another product, unless it names PostgreSQL beside them. */
export const OTHER_ENGINES: ReadonlySet<string> = new Set(
  wordsOf('mongo mongodb mariadb mysql mssql oracle redis inmemorydb kafka'),
);

export const POSTGRES: ReadonlySet<string> = new Set(wordsOf('postgres postgresql postgre'));

/** Both are left out of every estimate, which says so. */
export const BACKUP: ReadonlySet<string> = new Set(
  wordsOf('backup backups backupspeicher sicherung sicherungen datensicherung datensicherungen'),
);
export const TRAFFIC: ReadonlySet<string> = new Set(wordsOf('traffic datentransfer datenverkehr egress ingress'));
/** What may stand beside them. */
export const OF_BACKUP_OR_TRAFFIC: ReadonlySet<string> = new Set(
  wordsOf(`
    additional zusätzlich zusätzlicher automatic automatisch automated daily weekly retention
    transfer inbound outbound incoming outgoing eingehend ausgehend external extern internet public
    first next over erste nächste tb tib terabyte terabytes`),
);

/** Before what a price is for. */
export const PER: ReadonlySet<string> = new Set(wordsOf('per pro je'));

/** What a price can be for in place of a core or a gigabyte. */
export const THINGS: ReadonlySet<string> = new Set(
  wordsOf(`
    cluster clusters instance instances instanz instanzen node nodes knoten server vm
    database databases datenbank datenbanken service services dienst`),
);

/** What may be charged beside a cluster's cores, memory and storage, or in another way. */
export const BESIDE: ReadonlySet<string> = new Set(
  wordsOf(`
    trial free test demo beta
    snapshot snapshots archive archiv wal
    transfer inbound outbound incoming outgoing bandwidth bandbreite
    network netzwerk ip ips ipv address addresses adresse adressen dns nat gateway vpn loadbalancer balancer
    log logs logging monitoring metrics iops request requests operation operations
    object objects objektspeicher bucket buckets
    license licenses licence licences lizenz lizenzen support setup einrichtung migration
    commitment commitments reserved reservation reservations reserviert reservierung savings`),
);

/** Words that make no difference where only one meter has them. */
export const PLAIN_WORDS: ReadonlySet<string> = new Set(
  wordsOf(`
    postgres postgresql postgre pg psql sql dbaas db database databases datenbank datenbanken
    ionos cloud managed verwaltet verwaltete service services dienst vm server
    cluster clusters instance instances instanz instanzen node nodes knoten
    amd intel xeon epyc opteron haswell broadwell skylake ice lake icelake hyperthread hyperthreads
    dedicated dediziert dedizierte virtual virtuell virtuelle physical physisch
    usage use used nutzung verbrauch consumption provisioned allocated price preis unit block capacity kapazität
    space size data daten
    a an and as at by for in of on per the to auf der des die das für im je mit pro und von zu
    h hr hrs hour hours hourly stunde stunden stündlich d day days tag tage tagen
    month months monthly monat monate monatlich
    g gb gib gigabyte gigabytes
    standard premium`),
);

/** After 30; after 1 any word may follow. */
export const DAYS: ReadonlySet<string> = new Set(['d', 'day', 'days', 'tag', 'tage', 'tagen']);

/** Where a meter applies: a location, a country or a group of countries, as what the names of locations begin with. */
export interface Area {
  level: 1 | 2 | 3;
  prefixes: readonly string[];
}

const place = (level: Area['level'], ...prefixes: string[]): Area => ({ level, prefixes });

/** GB, where it is no gigabyte. */
export const GREAT_BRITAIN = place(2, 'gb/');

/** Words that are codes of countries where a name would stand: Austria, Germany, Croatia, India and others. */
export const LIKE_COUNTRIES: ReadonlySet<string> = new Set(wordsOf('an as at by d g h hr im in je to'));

/** Words of French and Spanish that also are places: per, the, of and is. */
export const LIKE_WORDS: ReadonlySet<string> = new Set(wordsOf('par las de es'));

/** Without GB, which also is gigabyte. Whether EU covers the locations in the United Kingdom is not known. */
export const AREA_WORDS: ReadonlyMap<string, Area> = new Map([
  ...all(place(1, 'de/', 'fr/', 'es/'), 'eu europe europa'),
  ...all(place(2, 'de/'), 'de germany deutschland'),
  ...all(place(2, 'fr/'), 'fr france frankreich'),
  ...all(place(2, 'es/'), 'es spain spanien'),
  ...all(GREAT_BRITAIN, 'uk kingdom königreich britain england großbritannien'),
  ...all(place(2, 'us/'), 'us usa states america amerika'),
  ...all(place(3, 'de/fra'), 'fra frankfurt'),
  ...all(place(3, 'de/txl'), 'txl berlin'),
  ...all(place(3, 'fr/par'), 'par paris'),
  ...all(place(3, 'es/vit'), 'vit logroño logrono'),
  ...all(place(3, 'gb/lhr'), 'lhr london'),
  ...all(place(3, 'gb/bhx'), 'bhx birmingham worcester'),
  ...all(place(3, 'us/las'), 'las vegas'),
  ...all(place(3, 'us/ewr'), 'ewr newark'),
  ...all(place(3, 'us/mci'), 'mci lenexa'),
]);
/** Of names that have two words. */
export const HALF_NAMES: ReadonlySet<string> = new Set(['united', 'vereinigtes']);
