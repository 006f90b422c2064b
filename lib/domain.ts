/** The shop's name on the internet, and the Route 53 zone it is in. */
export interface Domain {
  readonly name: string;
  readonly hostedZoneId: string;
}
