/** The configuration file that IONOS's own tools share, as far as it matters here. */
export interface IonosFile {
  /** How problems name it. */
  source: string;
  currentProfile?: string;
  profiles: readonly FileProfile[];
  environments: readonly FileEnvironment[];
}

export interface FileProfile {
  /** Where it stands in the file. */
  place: string;
  name: string;
  environment?: string;
  credentials: { token?: string; username?: string; password?: string };
}

export interface FileEnvironment {
  place: string;
  name: string;
  /** In PEM form. */
  certificateAuthData?: string;
  products: readonly { place: string; name: string; endpoints: readonly FileEndpoint[] }[];
}

export interface FileEndpoint {
  place: string;
  /** A URL, or a host alone. */
  name: string;
  /** As in `de/txl`; undefined for all of them. */
  location?: string;
  skipTlsVerify: boolean;
  /** With that of the environment. */
  certificateAuthData?: string;
}

export interface FoundFile {
  /** Undefined where there is none, or it has problems. */
  file?: IonosFile;
  problems: readonly string[];
  warnings: readonly string[];
  /** Of every profile, chosen or not. */
  secrets: readonly string[];
}

/** What of IONOS's configuration file counts. */
export interface Chosen {
  /** How problems name the file. */
  source: string;
  profile?: FileProfile;
  /** Whether the profile goes before credentials in the environment. */
  isByFlag: boolean;
  /** Those whose addresses are used; the first one that has a product counts. */
  environments: readonly FileEnvironment[];
  /** Names of profiles, to choose from. */
  names: readonly string[];
}

/** As IONOS's own programs compare the names of profiles. */
export const nameKey = (name: string) => name.trim().toLowerCase();
