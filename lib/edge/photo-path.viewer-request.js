/** Runs in CloudFront (JavaScript runtime 2.0): `/media/photos/…` of the shop is `photos/…` in the bucket. */
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name
function handler(event) {
  const { request } = event;
  request.uri = request.uri.slice('/media'.length);
  return request;
}
