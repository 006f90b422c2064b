/** Objects in the Deployments bucket: known to the infrastructure, its functions, and the scripts on the box. */
export const deploymentKeys = {
  desired: 'desired.json',
  outcome: (deployment: string) => `outcomes/${deployment}.json`,
  /** Which machine image each `imageRelease` stands for. */
  images: 'images.json',
  certificate: 'tls/certificate.pem',
  privateKey: 'tls/key.pem',
} as const;
